import { promisify } from "node:util";
import { constants, gzip, gzipSync } from "node:zlib";
import type { World } from "../delivery/world.ts";

const gzipOnThreadPool = promisify(gzip);

/** Up to here the way to a thread and back takes longer than the work. */
const MAX_SYNCHRONOUS_BYTES = 64 * 1024;

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
  const options = { level: compressionLevel, memLevel: constants.Z_MAX_MEMLEVEL };
  return async (body) => ({
    body: body.length <= MAX_SYNCHRONOUS_BYTES ? gzipSync(body, options) : await gzipOnThreadPool(body, options),
    contentEncoding: "gzip",
  });
}
