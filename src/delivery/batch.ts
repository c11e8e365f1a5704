/** Items in one request. */
import { ByteWriter } from "../destinations/byte-writer.ts";
import type { Destination } from "../destinations/destination.ts";
import type { ResourceTelemetry } from "../telemetry.ts";

export interface Batch {
  /** The request's body, not compressed. */
  body: Uint8Array;
  items: number;
}

/**
 * Cuts telemetry into bodies within the destination's limits, in order, nothing left out. Each is made when it is asked
 * for, so the next can be made while the last is under way. An item that is larger than a whole body travels alone.
 */
export function* batches({ encode, framing, limits }: Destination, telemetry: ResourceTelemetry[]): Generator<Batch> {
  const { opening, separator, closing } = framing;
  let body = new ByteWriter();
  let items = 0;
  body.bytes(opening);
  for (const part of telemetry) {
    const { count, write } = encode(part);
    for (let index = 0; index < count; index++) {
      const before = body.length;
      if (items > 0) body.bytes(separator);
      const start = body.length;
      write(index, body);
      const isOver = items === limits.maxItems || body.length + closing.length > limits.maxBytes;
      if (items > 0 && isOver) {
        const next = new ByteWriter(before);
        next.bytes(opening);
        next.bytes(body.view(start));
        body.truncate(before);
        yield close(body, items);
        body = next;
        items = 0;
      }
      items++;
    }
  }
  if (items > 0) yield close(body, items);

  function close(writer: ByteWriter, count: number): Batch {
    writer.bytes(closing);
    return { body: writer.view(), items: count };
  }
}
