/** The data of one record of a stream: base64 of anything that logs are written in. */
import type { Resource } from "../telemetry.ts";
import { ContentReader } from "./content-reader.ts";
import { type EventContext, EventWriter } from "./event-writer.ts";
import { type Cut, type Part, UnreadableEventError } from "./source.ts";
import { packingOf, unpackedWhole } from "./unpacked.ts";

/** Records have 10 MB at most; the best ratio seen in practice makes a tenth of this of them. */
const MAX_DECOMPRESSED_BYTES = 1024 * 1024 * 1024;

/** @throws {UnreadableEventError} */
export function bytesOf(data: unknown): Buffer {
  if (typeof data !== "string") throw new UnreadableEventError("its data is not text, so not base64");
  const bytes = Buffer.from(data, "base64");
  // Node skips what is no base64, so a wrong character shows as a missing byte.
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  const digits = data.length - padding;
  if (digits % 4 === 1 || bytes.length !== Math.floor((digits * 3) / 4)) {
    throw new UnreadableEventError("its data is not base64");
  }
  return bytes;
}

/**
 * The events in the data: deliveries of CloudWatch Logs, one or several, or lines and JSON.
 *
 * @param context of the events that no delivery tells about
 * @param isOneText whether what is neither JSON nor compressed is one event, however many lines it has
 * @throws {UnreadableEventError}
 */
export async function* partsOfData(
  bytes: Buffer,
  resource: Resource,
  account: string,
  context: EventContext,
  cut: Cut,
  isOneText = false,
): AsyncGenerator<Part> {
  const beginsEvent = isOneText && packingOf(bytes) === "plain" ? wholeText() : undefined;
  const reader = new ContentReader(new EventWriter(resource, account, context), { cut, beginsEvent });
  try {
    for await (const chunk of unpackedWhole(bytes, MAX_DECOMPRESSED_BYTES)) yield* reader.read(chunk, false);
    yield* reader.read(Buffer.alloc(0), true);
  } catch (error) {
    yield* reader.flush();
    throw error;
  }
}

/** Of a text, its front begins an event, and nothing behind it does. */
function wholeText(): (line: string) => boolean {
  let isFront = true;
  return (line) => {
    const begins = isFront && !/^\s*[{[]/.test(line);
    isFront = false;
    return begins;
  };
}
