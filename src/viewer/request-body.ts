import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";

const ungzip = promisify(gunzip);
const undeflate = promisify(inflate);

/** In line; whoever comes then is better told at once, while there are connections. */
const MAX_WAITING = 100;

/** How many bytes of bodies may be held at once, all requests together. Who comes when there is no room waits in line. */
export class BodyBudget {
  readonly #maxBytes: number;
  readonly #maxWaitMs: number;
  readonly #waiting = new Set<{ bytes: number; go: (hasRoom: boolean) => void }>();
  #bytes = 0;

  constructor(maxBytes: number, maxWaitMs = 5_000) {
    this.#maxBytes = maxBytes;
    this.#maxWaitMs = maxWaitMs;
  }

  /** @returns false when there is no room for so many more within the time; nothing is taken then */
  take(bytes: number): Promise<boolean> {
    if (this.#waiting.size === 0 && this.#hasRoomFor(bytes)) {
      this.#bytes += bytes;
      return Promise.resolve(true);
    }
    if (bytes > this.#maxBytes || this.#waiting.size >= MAX_WAITING) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        one.go(false);
        // Whoever is behind may be smaller.
        this.#goOn();
      }, this.#maxWaitMs);
      timer.unref();
      const one = {
        bytes,
        go: (hasRoom: boolean): void => {
          clearTimeout(timer);
          this.#waiting.delete(one);
          resolve(hasRoom);
        },
      };
      this.#waiting.add(one);
    });
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    this.#goOn();
  }

  #goOn(): void {
    for (const { bytes, go } of this.#waiting) {
      if (!this.#hasRoomFor(bytes)) return;
      this.#bytes += bytes;
      go(true);
    }
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= this.#maxBytes;
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
  if (!(await budget.take(reserved))) {
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
