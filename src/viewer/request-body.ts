import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";

const ungzip = promisify(gunzip);
const undeflate = promisify(inflate);

/** How many bytes of bodies may be held at once, all requests together. */
export class BodyBudget {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @returns false when there is no room for so many more; nothing is taken then */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** The whole body, or `undefined` when it is longer than `maxBytes`. Rejects when the sender breaks off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and thrown away, so that the sender comes to read the answer.
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes <= maxBytes ? Buffer.concat(chunks) : undefined;
}

export type Decoded = { bytes: Buffer } | { status: 400 | 413; problem: string };

/** The body without its `Content-Encoding`; never more than `maxBytes`, however small it came. */
export async function decodeBody(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Decoded> {
  if (encoding === undefined || encoding === "identity") return { bytes: body };
  if (encoding !== "gzip" && encoding !== "deflate") {
    return { status: 400, problem: "content-encoding is neither gzip nor deflate" };
  }
  try {
    return { bytes: await (encoding === "gzip" ? ungzip : undeflate)(body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
      ? { status: 413, problem: `body over ${maxBytes} bytes when decompressed` }
      : { status: 400, problem: `body is not ${encoding}` };
  }
}

/**
 * Reads a body, decodes it and gives it to `use`. Twice the longest body is reserved meanwhile: as it came, and decoded.
 *
 * @returns what `use` returns, or the status and the reason for which there is nothing to use
 */
export async function withBody<Result>(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
  use: (bytes: Buffer) => Result,
): Promise<Result | { status: number; problem: string }> {
  const length = Number(request.headers["content-length"] ?? maxBytes);
  const isEncoded = (request.headers["content-encoding"] ?? "identity") !== "identity";
  const reserved = Math.min(length, maxBytes) + (isEncoded ? maxBytes : 0);
  if (!budget.take(reserved)) {
    await readBody(request, 0);
    return { status: 503, problem: "too many bodies at once, try again" };
  }
  try {
    const body = await readBody(request, maxBytes);
    if (!body) return { status: 413, problem: `body over ${maxBytes} bytes` };
    const decoded = await decodeBody(body, request.headers["content-encoding"], maxBytes);
    return "bytes" in decoded ? use(decoded.bytes) : decoded;
  } finally {
    budget.give(reserved);
  }
}
