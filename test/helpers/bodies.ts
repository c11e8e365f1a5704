import { Batcher } from "../../src/delivery/batch.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";

export interface Body {
  body: Buffer;
  items: number;
}

/** The bodies a destination gets for some telemetry. */
export function bodiesFor(destination: Destination, telemetry: ResourceTelemetry[]): Body[] {
  const batcher = new Batcher(destination, new Map());
  const made = function* () {
    for (const part of telemetry) yield* batcher.add(destination.encode(part));
    yield* batcher.rest();
  };
  const bodies: Body[] = [];
  for (const { body, items } of made()) bodies.push({ body: Buffer.from(body), items });
  return bodies;
}
