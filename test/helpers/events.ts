import type { LogEvent, LogEventBatch, Slice } from "../../src/telemetry.ts";
import { batchesIn } from "./telemetry.ts";

/** One log event, decoded. */
export type DecodedEvent = { id: string; timestamp: number; message: string } & Record<string, unknown>;

/** The event as the bytes between its positions tell it: they must be JSON themselves, since destinations copy them. */
export function decoded({ start, message, messageEnd, end }: LogEvent, { bytes }: Slice): DecodedEvent {
  const event = JSON.parse(`${bytes.toString("utf8", start, end)}}`) as DecodedEvent;
  expect(JSON.parse(`"${bytes.toString("utf8", message, messageEnd)}"`)).toBe(event.message);
  return event;
}

export function decodedEvents(batches: LogEventBatch[]): DecodedEvent[] {
  return batches.flatMap(({ logEvents, slice }) => logEvents.map((event) => decoded(event, slice)));
}

/** What is read of a delivery with this JSON in it. */
export function eventsIn(json: string): DecodedEvent[] {
  return decodedEvents(batchesIn(Buffer.from(json)));
}
