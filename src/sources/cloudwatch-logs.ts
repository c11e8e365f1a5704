/**
 * CloudWatch Logs subscription: `{"awslogs":{"data": base64(gzip(JSON))}}`, one log stream an event.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
import { constants, gunzipSync } from "node:zlib";
import { type Delivery, type Origin, type Source, UnreadableEventError } from "./source.ts";
import { originIn, readEnvelope } from "./subscription-envelope.ts";

/** An event of the largest size Lambda takes (6 MB) expands to a fifth of this with the best ratio seen in practice. */
const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024;
/** Of a damaged delivery, looked at for its origin. */
const MAX_FRONT_BYTES = 4096;

export const cloudWatchLogs: Source = {
  name: "CloudWatch Logs subscription",
  matches: (event) => "awslogs" in event,
  read(event): Delivery {
    const data = (event as { awslogs?: { data?: unknown } | null }).awslogs?.data;
    return readEnvelope(gunzip(base64(data)));
  },
};

function base64(data: unknown): Buffer {
  if (typeof data !== "string") throw new UnreadableEventError("awslogs.data is not text, so not base64");
  const bytes = Buffer.from(data, "base64");
  // Node skips what is no base64, so a wrong character shows as a missing byte.
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  const expected = Math.floor(((data.length - padding) * 3) / 4);
  if (bytes.length !== expected || bytes.length === 0) throw new UnreadableEventError("awslogs.data is not base64");
  return bytes;
}

function gunzip(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw new UnreadableEventError("awslogs.data is not gzip");
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_DECOMPRESSED_BYTES });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw new UnreadableEventError(`awslogs.data expands to more than ${MAX_DECOMPRESSED_BYTES} bytes`);
    }
    const problem =
      code === "Z_BUF_ERROR"
        ? "awslogs.data is cut short: the gzip has no end"
        : "awslogs.data is not gzip: it is damaged";
    throw new UnreadableEventError(problem, originOf(bytes));
  }
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
