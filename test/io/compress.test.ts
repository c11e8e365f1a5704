import { gunzipSync, gzipSync, inflateSync } from "node:zlib";
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

  it("makes a long list of logs smaller than zlib does by itself, at the same level", () => {
    const paths = ["/orders", "/orders/{id}", "/customers", "/cart/items", "/health"];
    const items = Array.from({ length: 1_000 }, (_, index) => ({
      id: String(36_718_234_567_890n + BigInt(index) * 7_919n),
      timestamp: 1_795_000_000_000 + index * 37,
      message: `GET ${paths[index % 5]} ${200 + (index % 3)} ${(index * 7_907) % 1_009} ms from 10.0.${index % 251}.${(index * 31) % 253}`,
      ddsource: "nginx",
    }));
    const body = Buffer.from(JSON.stringify(items));
    const { body: sent } = createCompress({ useCompression: true, compressionLevel: 6 })(body);
    expect(sent.length).toBeLessThan(gzipSync(body, { level: 6, memLevel: 9 }).length);
    expect(gunzipSync(sent)).toEqual(body);
  });

  it("leaves the body alone when switched off", () => {
    const body = Buffer.from("a line");
    const compress = createCompress({ useCompression: false, compressionLevel: 6 });
    expect(compress(body)).toEqual({ body });
    expect(compress(body, "deflate")).toEqual({ body });
  });
});
