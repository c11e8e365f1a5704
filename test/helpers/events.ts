import { readEvent } from "../../src/sources/index.ts";
import type { LogEvent, LogEventBatch, Slice } from "../../src/telemetry.ts";
import { deliveryOf } from "./deliveries.ts";

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

/** What the sources make of a delivery with this JSON in it. */
export function eventsIn(json: string | Buffer): DecodedEvent[] {
  return decodedEvents(readEvent(deliveryOf(json)).batches);
}
