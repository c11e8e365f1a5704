/** What can be said of a delivery whose gzip is damaged. Loaded by the first. */
import { constants, gunzipSync } from "node:zlib";
import { originIn } from "./any-shape.ts";
import { type Origin, UnreadableEventError } from "./source.ts";

/** Of the delivery, looked at for its origin. */
const MAX_FRONT_BYTES = 4096;

/** @param error of zlib */
export function unreadable(error: NodeJS.ErrnoException, bytes: Buffer): UnreadableEventError {
  const problem =
    error.code === "Z_BUF_ERROR"
      ? "awslogs.data is cut short: the gzip has no end"
      : "awslogs.data is not gzip: it is damaged";
  return new UnreadableEventError(problem, originOf(bytes));
}

/**
 * Log group and stream stand at the front of the JSON, so the bytes before the damage usually still tell them. Where the
 * damage is, gunzip does not say: it is asked for ever shorter fronts.
 */
function originOf(bytes: Buffer): Origin {
  for (let length = Math.min(bytes.length, MAX_FRONT_BYTES); length > 64; length = Math.floor(length * 0.75)) {
    const origin = originIn(frontOf(bytes.subarray(0, length)));
    if (origin.logGroup) return origin;
  }
  return {};
}

function frontOf(bytes: Buffer): string {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString("utf8", 0, 4096);
  } catch {
    return "";
  }
}
