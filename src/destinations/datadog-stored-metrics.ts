/** Items of Datadog's intake of distribution points that were stored, and are sent again later. */
import { metricOf } from "../formats/datadog-metric-reader.ts";
import { metricItem } from "./datadog-series.ts";
import { objectsIn } from "./json-parts.ts";

const OPENING = '{"series":';
const CLOSING = "}";

/**
 * The items of a body, byte for byte. They share the body's memory.
 *
 * @throws {Error} when the body is no list of series in the framing that it is sent in
 */
export function seriesIn(body: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const end = bytes.length - CLOSING.length;
  const isFramed =
    end > OPENING.length &&
    bytes.toString("latin1", 0, OPENING.length) === OPENING &&
    bytes.toString("latin1", end) === CLOSING;
  const list = bytes.subarray(OPENING.length, end);
  const items = isFramed ? objectsIn(list) : undefined;
  if (!items)
    throw new Error("the stored body is no JSON list of series, as bodies of metrics are: keep it for a person");
  return items.map((item) => list.subarray(item.start, item.end));
}

/** The item of a metric line that a Datadog Forwarder left behind, with all its tags. Undefined for anything else. */
export function leftMetric(element: unknown): Uint8Array | undefined {
  const metric = metricOf(element);
  return metric && Buffer.from(metricItem(metric, ""));
}
