/**
 * Where one frame of zstd ends and the next begins: Node decompresses the first, and drops what stands behind it without a
 * word.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#name-zstandard-frames
 */
import { UnreadableEventError } from "./source.ts";

const MAGIC = 0xfd2fb528;
/** Of frames that hold something else, whose last four bits are free. */
const SKIPPABLE = 0x184d2a50;
const MAGIC_BYTES = 4;
const [HAS_CHECKSUM, IS_SINGLE_SEGMENT] = [0x04, 0x20];
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** A byte that is repeated. */
const RLE = 1;

/** Whether a frame begins there, of whichever kind. */
export function isZstd(front: Buffer): boolean {
  if (front.length < MAGIC_BYTES) return false;
  const magic = front.readUInt32LE(0);
  return magic === MAGIC || isSkippable(magic);
}

/**
 * The frames that hold something, each in pieces that are to be taken before the next frame is asked for. One that is cut
 * ends early.
 *
 * @throws {UnreadableEventError} when something else stands behind a frame
 */
export async function* zstdFrames(pieces: AsyncIterable<Buffer>): AsyncGenerator<AsyncGenerator<Buffer>> {
  const input = new Input(pieces);
  try {
    for (;;) {
      const front = await input.front(2 * MAGIC_BYTES);
      if (front.length === 0) return;
      if (!isZstd(front)) throw new UnreadableEventError("something that is no zstd stands behind its zstd");
      if (!isSkippable(front.readUInt32LE(0))) yield frame(input);
      else if (front.length < 2 * MAGIC_BYTES) return;
      else await input.drop(2 * MAGIC_BYTES + front.readUInt32LE(MAGIC_BYTES));
    }
  } finally {
    await input.end();
  }
}

async function* frame(input: Input): AsyncGenerator<Buffer> {
  const descriptor = (await input.front(MAGIC_BYTES + 1))[MAGIC_BYTES] ?? 0;
  const isSingle = (descriptor & IS_SINGLE_SEGMENT) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && isSingle ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] as number);
  const dictionaryBytes = DICTIONARY_BYTES[descriptor & 3] as number;
  yield* input.take(MAGIC_BYTES + 1 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes);
  for (let isLast = false; !isLast; ) {
    const header = await input.front(BLOCK_HEADER_BYTES);
    const block = header.length < BLOCK_HEADER_BYTES ? 0 : header.readUIntLE(0, BLOCK_HEADER_BYTES);
    isLast = (block & 1) === 1 || header.length < BLOCK_HEADER_BYTES;
    const contentBytes = ((block >> 1) & 3) === RLE ? 1 : block >> 3;
    yield* input.take(BLOCK_HEADER_BYTES + contentBytes);
  }
  if (descriptor & HAS_CHECKSUM) yield* input.take(CHECKSUM_BYTES);
}

function isSkippable(magic: number): boolean {
  return magic >= SKIPPABLE && magic <= SKIPPABLE + 15;
}

/** Bytes that are taken in other pieces than they come. */
class Input {
  readonly #iterator: AsyncIterator<Buffer>;
  #rest = Buffer.alloc(0);
  #isOver = false;

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#iterator = pieces[Symbol.asyncIterator]();
  }

  /** So many bytes, which stay; fewer where there are no more. */
  async front(bytes: number): Promise<Buffer> {
    while (this.#rest.length < bytes && (await this.#more()));
    return this.#rest.subarray(0, bytes);
  }

  async *take(bytes: number): AsyncGenerator<Buffer> {
    let left = bytes;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) return;
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async drop(bytes: number): Promise<void> {
    for await (const _ of this.take(bytes));
  }

  async end(): Promise<void> {
    await this.#iterator.return?.();
  }

  async #more(): Promise<boolean> {
    if (this.#isOver) return false;
    const { value, done } = await this.#iterator.next();
    this.#isOver = done === true;
    if (!this.#isOver) this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return !this.#isOver;
  }
}
