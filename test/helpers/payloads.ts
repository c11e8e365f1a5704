import { reader } from "../../src/formats/datadog-reader.ts";
import { readTraces } from "../../src/formats/datadog-spans.ts";
import { messageIn } from "../../src/formats/message.ts";
import { spanKeyOf } from "../../src/formats/span-key.ts";
import { createSpanTable } from "../../src/formats/span-table.ts";
import { outlineOf } from "../../src/formats/trace-outline.ts";
import type { LogEvent, Slice, TraceOutline, TracePayload } from "../../src/telemetry.ts";

/** A trace payload line as dd-trace-js writes it, around spans given in parts. */
export function aPayload(...spans: Record<string, unknown>[]): string {
  return JSON.stringify({ traces: [spans.map((span) => aPayloadSpan(span))] });
}

/** A span as dd-trace-js writes it. */
export function aPayloadSpan(given: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    trace_id: "414ae78d188f3825",
    span_id: "651c77517ea37a55",
    parent_id: "0000000000000000",
    name: "aws.lambda",
    resource: "thinker-api",
    service: "thinker",
    type: "serverless",
    error: 0,
    meta: { env: "dev", version: "0.1.0" },
    metrics: { _sampling_priority_v1: 1 },
    start: 1_795_226_069_840_000_000,
    duration: 53_000_000,
    ...given,
  };
}

/** A log event whose message is one line, in a slice of its own. @param escaped the message as it stands in the JSON */
export function anEvent(escaped: string | Buffer): { event: LogEvent; slice: Slice } {
  const front = '{"id":"3","timestamp":1795226069000,"message":"';
  const message = Buffer.from(escaped);
  const bytes = Buffer.concat([Buffer.from(front), message, Buffer.from('"}]}')]);
  const messageEnd = front.length + message.length;
  const event = { start: 0, message: front.length, messageEnd, end: messageEnd + 1 };
  return { event, slice: { bytes, text: bytes.toString("latin1") } };
}

/** A line as CloudWatch Logs writes it into its JSON. */
export function escapedLine(line: string): string {
  return JSON.stringify(line).slice(1, -1);
}

/** What a line's event is read as; undefined: a log. */
export function readPayload({ event, slice }: ReturnType<typeof anEvent>): TracePayload | undefined {
  const payload = reader.read(event, slice, createSpanTable());
  return payload && { index: 0, ...payload };
}

/** The same through span objects, whatever the shape of the line. */
export function readPlainly({ event, slice }: ReturnType<typeof anEvent>): TracePayload | undefined {
  const traces = readTraces(messageIn(event, slice));
  return traces && { index: 0, traces: traces.map(outlineOf), table: null, firstSpan: 0, decode: () => traces };
}

/** All that a trace tells without its spans. */
export function outlinesOf({ traces }: TracePayload): object[] {
  for (const trace of traces) expectTimesOfSpans(trace);
  return traces.map((trace) => ({
    traceId: trace.traceId,
    spanCount: trace.spanCount,
    naming: trace.naming,
    serverless: trace.serverless(),
    localRoots: trace.localRoots(),
    spanIds: [...trace.spanIds()],
  }));
}

/** A span alone has the times that it has among all; a few are asked for. */
function expectTimesOfSpans(trace: TraceOutline): void {
  const byKey = new Map(trace.timedSpans().map((span) => [span.key, span]));
  for (const id of [...trace.spanIds()].slice(0, 5)) {
    const { startUnixMs, endUnixMs } = byKey.get(spanKeyOf(id)) ?? {};
    expect(trace.timesOf(id)).toMatchObject({ startUnixMs, endUnixMs });
  }
}
