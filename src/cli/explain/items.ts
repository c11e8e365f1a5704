/** What destinations would send, item by item. */
import { ByteWriter } from "../../destinations/byte-writer.ts";
import type { Destination } from "../../destinations/destination.ts";
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

function written(destination: Destination, telemetry: ResourceTelemetry): Buffer[] {
  const { count, write } = destination.encode(telemetry);
  return Array.from({ length: count }, (_, index) => {
    const item = new ByteWriter();
    write(index, item);
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
    return JSON.parse(text);
  } catch {
    return text;
  }
}
