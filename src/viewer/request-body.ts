import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";

const ungzip = promisify(gunzip);
const undeflate = promisify(inflate);

/** The whole body, or `undefined` when it is longer than `maxBytes`. Rejects when the sender breaks off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and thrown away, so that the sender comes to read the answer.
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  return bytes <= maxBytes ? Buffer.concat(chunks) : undefined;
}

export type Decoded = { bytes: Buffer } | { problem: "too long" | "not gzip" | "not deflate" | "unknown encoding" };

/** The body without its `Content-Encoding`; never more than `maxBytes`, however small it came. */
export async function decodeBody(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Decoded> {
  if (encoding === undefined || encoding === "identity") return { bytes: body };
  if (encoding !== "gzip" && encoding !== "deflate") return { problem: "unknown encoding" };
  try {
    return { bytes: await (encoding === "gzip" ? ungzip : undeflate)(body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    return {
      problem: (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? "too long" : `not ${encoding}`,
    };
  }
}
