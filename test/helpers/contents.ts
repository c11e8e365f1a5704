import { ContentReader, type ContentState } from "../../src/sources/content-reader.ts";
import { EventWriter } from "../../src/sources/event-writer.ts";
import { type Part, UnreadableEventError } from "../../src/sources/source.ts";
import type { Resource } from "../../src/telemetry.ts";
import { type DecodedEvent, decodedEvents } from "./events.ts";

const RESOURCE: Resource = { attributes: {}, source: "s3", tags: [], functionTags: [] };

export interface ReadContent {
  events: DecodedEvent[];
  dropped: number;
  /** That ended the reading. */
  error?: string;
  /** Where each part ended, when another reader could go on there. */
  places: { events: number; byte: number; line: number; state: ContentState }[];
}

/** What is read of a content that comes in pieces. */
export function contentOf(
  pieces: Buffer[],
  given: Omit<ConstructorParameters<typeof ContentReader>[1], "cut"> = {},
): ReadContent {
  const reader = new ContentReader(new EventWriter(RESOURCE, ""), { cut: (_, { length }) => length, ...given });
  const read: ReadContent = { events: [], dropped: 0, places: [] };
  const take = ({ batches, dropped }: Part): void => {
    read.events.push(...decodedEvents(batches));
    for (const reason in dropped) read.dropped += dropped[reason] as number;
    const { place } = reader;
    if (place) read.places.push({ events: read.events.length, ...place });
  };
  try {
    for (const piece of pieces) for (const part of reader.read(piece, false)) take(part);
    for (const part of reader.read(Buffer.alloc(0), true)) take(part);
  } catch (error) {
    if (!(error instanceof UnreadableEventError)) throw error;
    read.error = error.message;
  }
  return read;
}

export function messagesIn(content: string | Buffer, given: Parameters<typeof contentOf>[1] = {}): string[] {
  return contentOf([Buffer.from(content)], given).events.map(({ message }) => message);
}

/** The bytes in pieces of these sizes, the last of which repeats. */
export function inPieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[Math.min(index, sizes.length - 1)] ?? bytes.length;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
