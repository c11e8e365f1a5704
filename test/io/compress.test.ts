import { gunzipSync, inflateSync } from "node:zlib";
import { createCompress } from "../../src/io/compress.ts";

describe("compress", () => {
  it.each([1, 1_000, 100_000])("gives gzip that says so, of %d lines", (lines) => {
    const body = Buffer.from("a line\n".repeat(lines));
    const sent = createCompress({ useCompression: true, compressionLevel: 6 })(body);
    expect(sent.contentEncoding).toBe("gzip");
    expect(sent.body.length).toBeLessThan(30 + body.length / 50);
    expect(gunzipSync(sent.body)).toEqual(body);
  });

  it("gives deflate, as HTTP means it, where an intake takes nothing else", () => {
    const body = Buffer.from("a line\n".repeat(1_000));
    const sent = createCompress({ useCompression: true, compressionLevel: 6 })(body, "deflate");
    expect(sent.contentEncoding).toBe("deflate");
    expect(inflateSync(sent.body)).toEqual(body);
  });

  it("leaves the body alone when switched off", () => {
    const body = Buffer.from("a line");
    const compress = createCompress({ useCompression: false, compressionLevel: 6 });
    expect(compress(body)).toEqual({ body });
    expect(compress(body, "deflate")).toEqual({ body });
  });
});
