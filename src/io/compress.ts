import { constants, gzip, gzipSync, type ZlibOptions } from "node:zlib";
import type { World } from "../delivery/world.ts";

/** Up to here the way to a thread and back takes longer than the work. */
const MAX_SYNCHRONOUS_BYTES = 64 * 1024;
const MIN_CHUNK_BYTES = 16 * 1024;
/** Logs and spans with their metadata usually become smaller by more than this factor. */
const LEAST_RATIO = 8;

/** @param level 0 to 9 */
export function createCompress({
  useCompression,
  compressionLevel,
}: {
  useCompression: boolean;
  compressionLevel: number;
}): World["compress"] {
  if (!useCompression) return async (body) => ({ body });
  // zlib's largest hash table finds matches with less work, for 128 kB more memory.
  const given = { level: compressionLevel, memLevel: constants.Z_MAX_MEMLEVEL };
  return async (body) => {
    // What comes out fits in one chunk, which is one way to the thread pool.
    const options = { ...given, chunkSize: Math.max(MIN_CHUNK_BYTES, Math.ceil(body.length / LEAST_RATIO)) };
    const isSmall = body.length <= MAX_SYNCHRONOUS_BYTES;
    return { body: isSmall ? gzipSync(body, options) : await gzipOnThreadPool(body, options), contentEncoding: "gzip" };
  };
}

function gzipOnThreadPool(body: Uint8Array, options: ZlibOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(body, options, (error, zipped) => (error ? reject(error) : resolve(zipped)));
  });
}
