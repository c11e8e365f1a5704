import { gunzipSync } from "node:zlib";
import { createCompress } from "../../src/io/compress.ts";

const body = Buffer.from("a line\n".repeat(1_000));

describe("compress", () => {
  it("gives gzip that says so", async () => {
    const sent = await createCompress({ useCompression: true, compressionLevel: 6 })(body);
    expect(sent.contentEncoding).toBe("gzip");
    expect(sent.body.length).toBeLessThan(200);
    expect(gunzipSync(sent.body)).toEqual(body);
  });

  it("leaves the body alone when switched off", async () => {
    expect(await createCompress({ useCompression: false, compressionLevel: 6 })(body)).toEqual({ body });
  });
});
