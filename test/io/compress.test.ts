import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { createCompress } from "../../src/io/compress.ts";

describe("compress", () => {
  it.each([1, 1_000, 100_000])("gives gzip that says so, of %d lines", async (lines) => {
    const body = Buffer.from("a line\n".repeat(lines));
    const sent = await createCompress({ useCompression: true, compressionLevel: 6 })(body);
    expect(sent.contentEncoding).toBe("gzip");
    expect(sent.body.length).toBeLessThan(30 + body.length / 50);
    expect(gunzipSync(sent.body)).toEqual(body);
  });

  it("leaves the thread to others while it compresses a large body", async () => {
    const ended: string[] = [];
    const compress = createCompress({ useCompression: true, compressionLevel: 9 });
    const compressing = compress(randomBytes(4_000_000)).then(() => ended.push("compressed"));
    await Promise.all([compressing, new Promise(setImmediate).then(() => ended.push("another"))]);
    expect(ended).toEqual(["another", "compressed"]);
  });

  it("leaves the body alone when switched off", async () => {
    const body = Buffer.from("a line");
    expect(await createCompress({ useCompression: false, compressionLevel: 6 })(body)).toEqual({ body });
  });
});
