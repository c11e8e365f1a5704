import { readFileSync } from "node:fs";
import path from "node:path";
import { datadogLogs } from "../../src/destinations/datadog-logs.ts";
import { readTelemetry, type Transform } from "../../src/pipeline.ts";
import { bodiesFor } from "./bodies.ts";
import { A_FORWARDER, aConfig } from "./telemetry.ts";

export type Item = Record<string, unknown>;

/** The items that Datadog's logs intake gets of a Lambda event. */
export async function itemsOf(
  event: unknown,
  env: Record<string, string> = {},
  transforms: readonly Transform[] = [],
): Promise<Item[]> {
  const config = aConfig(env);
  const items: Item[] = [];
  const destination = datadogLogs(config, A_FORWARDER);
  for await (const { telemetry } of readTelemetry(event, A_FORWARDER, [], { source: config.source, transforms })) {
    for (const { body } of bodiesFor(destination, telemetry)) items.push(...(JSON.parse(body.toString()) as Item[]));
  }
  return items;
}

/** One of `events/`. */
export function sampleEvent(name: string) {
  return JSON.parse(readFileSync(path.join(__dirname, `../../events/${name}.json`), "utf8"));
}
