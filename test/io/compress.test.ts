import { gunzipSync } from "node:zlib";
import { createCompress } from "../../src/io/compress.ts";

describe("compress", () => {
  it.each([1, 1_000, 100_000])("gives gzip that says so, of %d lines", (lines) => {
    const body = Buffer.from("a line\n".repeat(lines));
    const sent = createCompress({ useCompression: true, compressionLevel: 6 })(body);
    expect(sent.contentEncoding).toBe("gzip");
    expect(sent.body.length).toBeLessThan(30 + body.length / 50);
    expect(gunzipSync(sent.body)).toEqual(body);
  });

  it("leaves the body alone when switched off", () => {
    const body = Buffer.from("a line");
    expect(createCompress({ useCompression: false, compressionLevel: 6 })(body)).toEqual({ body });
  });
});
