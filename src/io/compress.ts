import { constants, deflateSync, gzipSync } from "node:zlib";
import type { World } from "../delivery/world.ts";

const MIN_CHUNK_BYTES = 16 * 1024;
/** Logs and spans with their metadata usually become smaller by more than this factor. */
const LEAST_RATIO = 8;
/** A list of logs of this size becomes 1 to 2 % smaller where zlib leaves out matches of up to five bytes. */
const MIN_FILTERED_BYTES = 64 * 1024;
const OPENING_BRACKET = 0x5b;

/**
 * Compresses on the spot: a thread would compete with this one for the processor, of which most functions have less than
 * one, and has to be woken and waited for.
 *
 * @param compressionLevel 0 to 9
 */
export function createCompress({
  useCompression,
  compressionLevel,
}: {
  useCompression: boolean;
  compressionLevel: number;
}): World["compress"] {
  if (!useCompression) return (body) => ({ body: Buffer.from(body) });
  // zlib's largest hash table finds matches with less work, for 128 kB more memory.
  const memLevel = constants.Z_MAX_MEMLEVEL;
  return (body, contentEncoding: "gzip" | "deflate" = "gzip") => {
    // What comes out fits in one chunk, so that it need not be put together.
    const chunkSize = Math.max(MIN_CHUNK_BYTES, Math.ceil(body.length / LEAST_RATIO));
    const isLongList = body.length >= MIN_FILTERED_BYTES && body[0] === OPENING_BRACKET;
    const strategy = isLongList ? constants.Z_FILTERED : constants.Z_DEFAULT_STRATEGY;
    const options = { level: compressionLevel, memLevel, chunkSize, strategy };
    const packed = contentEncoding === "gzip" ? gzipSync(body, options) : deflateSync(body, options);
    return { body: packed, contentEncoding };
  };
}
