/** Takes off the compression that bytes show by their beginning, one layer inside another, as a stream. */

import type { Transform } from "node:stream";
import { pipeline, Readable } from "node:stream";
import * as zlib from "node:zlib";
import { UnreadableEventError } from "./source.ts";
import { isZstd, zstdFrames } from "./zstd-frames.ts";

const CHUNK_BYTES = 64 * 1024;
/** Up to here one call and one buffer are cheaper than a stream. */
const MAX_WHOLE_BYTES = 2 * 1024 * 1024;
/** What CloudWatch compresses Firehose may compress again, and whoever copies it once more. */
const MAX_LAYERS = 3;
const FRONT_BYTES = 10;

/** What no log is written in, or nothing that is in Node reads. */
const OTHER_FORMATS: readonly (readonly [name: string, front: string])[] = [
  ["bzip2", "BZh91AY&SY"],
  ["zip", "PK\x03\x04"],
  ["xz", "\xfd7zXZ\x00"],
  ["Parquet", "PAR1"],
  ["ORC", "ORC"],
  ["Avro", "Obj\x01"],
  ["snappy", "\xff\x06\x00\x00sN"],
];
/** A line may begin with the same letters. Behind these, one of the next bytes is none that a text has. */
const LETTERS_ALONE = ["PAR1", "ORC"];

export type Packing = "gzip" | "zstd" | "plain";

/** @throws {UnreadableEventError} for a format that is not read */
export function packingOf(front: Buffer): Packing {
  if (front[0] === 0x1f && front[1] === 0x8b) return "gzip";
  if (isZstd(front)) return "zstd";
  const text = front.toString("latin1", 0, FRONT_BYTES);
  const other = OTHER_FORMATS.find(
    ([, start]) => text.startsWith(start) && !(LETTERS_ALONE.includes(start) && isText(front.subarray(0, FRONT_BYTES))),
  );
  if (other)
    throw new UnreadableEventError(
      `it is ${other[0]}, which the forwarder does not read: let it be written as text or JSON, plain or in gzip`,
    );
  return "plain";
}

/**
 * The bytes without their compression, in pieces of bounded size.
 *
 * @param maxBytes of the bytes behind each layer; more is an error, which says so
 * @param setting that raises the limit, for the message; "" = none does
 * @param tell is told once, before the first piece, whether there is any compression
 * @throws {UnreadableEventError}
 */
export async function* unpacked(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number,
  setting: string,
  tell?: (isPacked: boolean) => void,
  layer = 0,
): AsyncGenerator<Buffer> {
  const { front, all } = await peek(pieces);
  const packing = packingOf(front);
  if (layer === 0) tell?.(packing !== "plain");
  if (packing === "plain") {
    yield* all;
    return;
  }
  if (layer === MAX_LAYERS) {
    throw new UnreadableEventError(`it is compressed more than ${MAX_LAYERS} times: that is no log`);
  }
  yield* unpacked(decompressed(all, packing, maxBytes, setting), maxBytes, setting, undefined, layer + 1);
}

/** The same for bytes that are there already. */
export async function* unpackedWhole(bytes: Buffer, maxBytes: number): AsyncGenerator<Buffer> {
  let inner = bytes;
  for (let layer = 0; layer < MAX_LAYERS && packingOf(inner) === "gzip"; layer++) {
    const whole = gunzipWhole(inner);
    if (!whole) break;
    inner = whole;
  }
  yield* unpacked(only(inner), maxBytes, "");
}

/** Undefined when it is large. */
function gunzipWhole(bytes: Buffer): Buffer | undefined {
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: MAX_WHOLE_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw explained(error, "gzip");
  }
}

/** Node takes all members of gzip at once, and of zstd one frame. */
async function* decompressed(
  pieces: AsyncIterable<Buffer>,
  packing: "gzip" | "zstd",
  maxBytes: number,
  setting: string,
): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const part of packing === "gzip" ? [pieces] : zstdFrames(pieces)) {
    for await (const chunk of through(part, packing)) {
      length += chunk.length;
      if (length > maxBytes) {
        const remedy = setting ? `: if that is meant, raise ${setting}` : "";
        throw new UnreadableEventError(`it expands to more than ${maxBytes} bytes${remedy}`);
      }
      yield chunk;
    }
  }
}

async function* through(pieces: AsyncIterable<Buffer>, packing: "gzip" | "zstd"): AsyncGenerator<Buffer> {
  const stream = packing === "gzip" ? zlib.createGunzip({ chunkSize: CHUNK_BYTES }) : zstdStream();
  // What fails is thrown where the stream is read.
  pipeline(Readable.from(pieces), stream, () => {});
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throw explained(error, packing);
  } finally {
    stream.destroy();
  }
}

function zstdStream(): Transform {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: object) => Transform };
  if (!createZstdDecompress) {
    throw new UnreadableEventError("it is zstd, which Node reads from 22.15 on: use a newer runtime");
  }
  return createZstdDecompress({ chunkSize: CHUNK_BYTES });
}

function explained(error: unknown, packing: string): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const behind = `something that is no ${packing} stands behind it`;
  if (code === "Z_BUF_ERROR") return new UnreadableEventError(`its ${packing} is cut short, or ${behind}`);
  // The first header is one.
  if (message === "incorrect header check") return new UnreadableEventError(`its ${packing} ends, and ${behind}`);
  return /^(?:Z_|ZSTD_|ERR_ZSTD)/.test(code) ? new UnreadableEventError(`its ${packing} is damaged`) : error;
}

function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** The first bytes, and all of them again. */
async function peek(pieces: AsyncIterable<Buffer>): Promise<{ front: Buffer; all: AsyncIterable<Buffer> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  let front = Buffer.alloc(0);
  let isEnd = false;
  while (front.length < FRONT_BYTES && !isEnd) {
    const { value, done } = await iterator.next();
    isEnd = done === true;
    if (!isEnd) front = front.length === 0 ? value : Buffer.concat([front, value]);
  }
  return { front, all: all() };

  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (front.length > 0) yield front;
      for (let next = isEnd ? undefined : await iterator.next(); next && !next.done; next = await iterator.next()) {
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
