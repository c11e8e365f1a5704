/**
 * CloudWatch Logs subscription: `{"awslogs":{"data": base64(gzip(JSON))}}`, one log stream an event.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
import { createGunzip, gunzipSync } from "node:zlib";
import { type Cut, type Part, type Source, UnreadableEventError } from "./source.ts";
import { EnvelopeReader } from "./subscription-envelope.ts";

/** An event of the largest size Lambda takes (6 MB) expands to a fifth of this with the best ratio seen in practice. */
const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024;
/** Up to here one call and one buffer are cheaper than a stream; beyond, memory would grow with the delivery. */
const MAX_WHOLE_BYTES = 2 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * For the compressed bytes of the next delivery. What is as large and lives through an invocation would be freed by a
 * collection of the whole heap alone, and there are many deliveries between two of those.
 */
let free: Buffer = Buffer.alloc(0);

export const cloudWatchLogs: Source = {
  matches: (event) => "awslogs" in event,
  async *read(event, cut) {
    const data = (event as { awslogs?: { data?: unknown } | null }).awslogs?.data;
    if (typeof data !== "string") throw new UnreadableEventError("awslogs.data is not text, so not base64");
    const memory = memoryFor(data);
    try {
      const bytes = base64(data, memory);
      if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw new UnreadableEventError("awslogs.data is not gzip");
      try {
        yield* readGzip(bytes, cut);
      } catch (error) {
        throw isOfZlib(error) ? (await import("./damaged-gzip.ts")).unreadable(error, bytes) : error;
      }
    } finally {
      free = memory;
    }
  },
};

/** Taken from the process, so that deliveries at once do not share it. */
function memoryFor(data: string): Buffer {
  const memory = free;
  free = Buffer.alloc(0);
  const needed = Math.ceil((data.length * 3) / 4);
  return memory.length < needed ? Buffer.allocUnsafeSlow(needed) : memory;
}

function base64(data: string, memory: Buffer): Buffer {
  const bytes = memory.subarray(0, memory.write(data, "base64"));
  // Node skips what is no base64, so a wrong character shows as a missing byte.
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  const expected = Math.floor(((data.length - padding) * 3) / 4);
  if (bytes.length !== expected || bytes.length === 0) throw new UnreadableEventError("awslogs.data is not base64");
  return bytes;
}

async function* readGzip(bytes: Buffer, cut: Cut): AsyncGenerator<Part> {
  const reader = new EnvelopeReader(cut);
  const whole = gunzipWhole(bytes);
  if (whole) {
    yield* reader.read(whole, true);
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  gunzip.end(bytes);
  let length = 0;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_DECOMPRESSED_BYTES) {
      throw new UnreadableEventError(`awslogs.data expands to more than ${MAX_DECOMPRESSED_BYTES} bytes`);
    }
    yield* reader.read(chunk, false);
  }
  yield* reader.read(Buffer.alloc(0), true);
}

/** All of it, or undefined when it is large. */
function gunzipWhole(bytes: Buffer): Buffer | undefined {
  // The trailer's size is that of the last member, and of damaged gzip it is anything.
  const size = bytes.length < 18 ? 0 : bytes.readUInt32LE(bytes.length - 4);
  if (size > MAX_WHOLE_BYTES) return undefined;
  try {
    // With one byte to spare zlib sees the end in the first chunk.
    return gunzipSync(bytes, { chunkSize: Math.max(size + 1, CHUNK_BYTES / 4), maxOutputLength: MAX_WHOLE_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
}

function isOfZlib(error: unknown): error is NodeJS.ErrnoException {
  return Boolean((error as NodeJS.ErrnoException).code?.startsWith("Z_"));
}
