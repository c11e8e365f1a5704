import fc from "fast-check";
import { destinationsFor } from "../src/destinations/index.ts";
import { datadogTraces } from "../src/formats/datadog.ts";
import { readMetricLine } from "../src/formats/datadog-metric-reader.ts";
import { readTraces } from "../src/formats/datadog-spans.ts";
import { readLogContext } from "../src/formats/log-context.ts";
import { messageIn } from "../src/formats/message.ts";
import { createSpanTable } from "../src/formats/span-table.ts";
import { mayBeOf, TraceLines } from "../src/formats/trace-lines.ts";
import { outlineOf } from "../src/formats/trace-outline.ts";
import { understand } from "../src/pipeline.ts";
import type { LogEventBatch, LogRecord, Metric, ResourceTelemetry, TracePayload } from "../src/telemetry.ts";
import { correlate } from "../src/transforms/correlate.ts";
import { resourceOf } from "../src/transforms/resource.ts";
import { bodiesFor } from "./helpers/bodies.ts";
import { anEnvelope, capturedMessages } from "./helpers/deliveries.ts";
import { metricLine } from "./helpers/metric-lines.ts";
import { payloadLine } from "./helpers/payload-lines.ts";
import { propertyRuns } from "./helpers/property-runs.ts";
import { A_FORWARDER, aConfig, batchesIn } from "./helpers/telemetry.ts";

/** What a batch becomes when every line of it is decoded, one after the other. */
function understandPlainly(batch: LogEventBatch): ResourceTelemetry {
  const { slice, logEvents } = batch;
  const logs: LogRecord[] = [];
  const tracePayloads: TracePayload[] = [];
  const metrics: Metric[] = [];
  for (const [index, event] of logEvents.entries()) {
    const message = messageIn(event, slice);
    const metric = readMetricLine(message);
    const escaped = slice.text.slice(event.message, event.messageEnd);
    const mayBe = !metric && new TraceLines(slice.text, logEvents).mayBe(index) && mayBeOf(datadogTraces, escaped);
    const traces = mayBe ? readTraces(message) : undefined;
    if (metric) {
      metrics.push(metric);
    } else if (traces) {
      tracePayloads.push({ index, traces: traces.map(outlineOf), table: null, firstSpan: 0, decode: () => traces });
    } else {
      const context = readLogContext(escaped, () => message);
      logs.push({ ...event, index, body: null, context, invocation: null, linkMethod: "" });
    }
  }
  return correlate({ resource: resourceOf(batch, A_FORWARDER), slice, logs, tracePayloads, metrics });
}

function bodiesOf(telemetry: ResourceTelemetry): { body: string; items: number }[] {
  return destinationsFor(aConfig(), A_FORWARDER).flatMap((destination) =>
    bodiesFor(destination, [telemetry]).map(({ body, items }) => ({ body: body.toString("latin1"), items })),
  );
}

const CAPTURED = [
  "dd-trace-js/loggers-textformat.lambda-events.jsonl",
  "dd-trace-js/loggers-jsonformat.lambda-events.jsonl",
  "dd-trace-js/thinker-microservice.lambda-events.jsonl",
  "powertools/powertools-logger.lambda-events.jsonl",
  "constructed-from-source/datadog-other-languages.log",
  "constructed-from-source/platform-lines-text.log",
  "constructed-from-source/datadog-metric-lines.log",
].flatMap(capturedMessages);
const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const aLine = fc.oneof(
  fc.constantFrom(...CAPTURED),
  payloadLine,
  metricLine,
  fc.constantFrom(`START RequestId: ${REQUEST}`, `END RequestId: ${REQUEST}`, `REPORT RequestId: ${REQUEST}\tx`),
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => `2026-11-21T01:53:45.858Z\t${REQUEST}\tINFO\t${text}\n`),
  fc.tuple(fc.constantFrom(...CAPTURED), fc.nat(1_000)).map(([line, at]) => line.slice(0, at)),
);

describe("what is sent of a delivery", () => {
  it("is, byte for byte, what it would be if every line of it were decoded", () => {
    fc.assert(
      fc.property(fc.array(aLine, { minLength: 1, maxLength: 8 }), (messages) => {
        const json = anEnvelope(messages);
        const [usual] = batchesIn(Buffer.from(json)) as [LogEventBatch];
        const [parsed] = batchesIn(Buffer.from(JSON.stringify(JSON.parse(json), null, 1))) as [LogEventBatch];
        const understood = understand(usual, resourceOf(usual, A_FORWARDER), createSpanTable());
        // There is no other path for what has to be repaired.
        fc.pre(!understood.repaired);
        expect(bodiesOf(understood)).toEqual(bodiesOf(understandPlainly(parsed)));
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
