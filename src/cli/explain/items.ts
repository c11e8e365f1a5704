/** What destinations would send, item by item. */
import { ByteWriter } from "../../destinations/byte-writer.ts";
import type { Destination } from "../../destinations/destination.ts";
import { isJsonObject } from "../../formats/json-object.ts";
import type { ResourceTelemetry } from "../../telemetry.ts";
import { decodeAgentPayload } from "../../viewer/agent-payload.ts";
import type { Sent } from "./explanation.ts";

/**
 * Everything that some telemetry gives the destinations, by the item it stands for.
 *
 * A destination writes one item for each log, trace line or metric that it takes, in their order. Where it writes another
 * number, each is written by itself: then it cannot be influenced by its neighbours.
 */
export async function itemsOf(
  destinations: readonly Destination[],
  telemetry: ResourceTelemetry,
): Promise<Map<object, Sent[]>> {
  const sent = new Map<object, Sent[]>();
  for (const destination of destinations) {
    await destination.prepare?.(telemetry);
    for (const part of ["logs", "tracePayloads", "metrics"] as const) {
      const alone = { ...telemetry, logs: [], tracePayloads: [], metrics: [], [part]: telemetry[part] };
      const subjects: object[] = telemetry[part];
      const items = written(destination, alone);
      for (const [index, subject] of subjects.entries()) {
        const own =
          items.length === subjects.length
            ? items.slice(index, index + 1)
            : written(destination, { ...alone, [part]: [subject] });
        const decoded = own.map((item) => ({
          destination: destination.name,
          url: destination.url,
          item: decodedItem(destination, item),
        }));
        sent.set(subject, [...(sent.get(subject) ?? []), ...decoded]);
      }
    }
  }
  return sent;
}

/** Each with what stands around it, where it is one of a group. */
function written(destination: Destination, telemetry: ResourceTelemetry): Buffer[] {
  const { count, write, groupOf } = destination.encode(telemetry);
  return Array.from({ length: count }, (_, index) => {
    const item = new ByteWriter();
    const group = groupOf?.(index);
    group?.open(item);
    write(index, item);
    group?.close(item, 0);
    return Buffer.from(item.view());
  });
}

/** As the intake reads it: JSON, or the message that Datadog publishes. */
function decodedItem({ name, headers, framing }: Destination, item: Buffer): unknown {
  if (name === "datadog-traces") {
    return decodeAgentPayload(Buffer.concat([framing.opening, item, framing.closing])).tracerPayloads;
  }
  const type = headers["content-type"] ?? "";
  if (!type.includes("json")) return `${item.length} bytes of ${type}`;
  const text = item.toString("utf8");
  try {
    if (!name.startsWith("otlp-")) return JSON.parse(text);
    const resources = plain(JSON.parse(`[${text}]`));
    return Array.isArray(resources) && resources.length === 1 ? resources[0] : resources;
  } catch {
    return text;
  }
}

/** OpenTelemetry's JSON with attributes as objects. */
function plain(json: unknown): unknown {
  if (Array.isArray(json)) return json.every(isAttribute) && json.length > 0 ? attributesIn(json) : json.map(plain);
  if (!isJsonObject(json)) return json;
  const members = Object.entries(json);
  const [only] = members;
  if (members.length === 1 && only && VALUES.has(only[0])) {
    const [kind, value] = only;
    return isJsonObject(value) && (kind === "arrayValue" || kind === "kvlistValue") ? plain(value.values ?? []) : value;
  }
  return Object.fromEntries(members.map(([key, value]) => [key, plain(value)]));
}

const VALUES = new Set([
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
  "bytesValue",
  "arrayValue",
  "kvlistValue",
]);

function isAttribute(item: unknown): item is { key: string; value: unknown } {
  return isJsonObject(item) && typeof item.key === "string" && isJsonObject(item.value);
}

function attributesIn(list: { key: string; value: unknown }[]): object {
  return Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]));
}
