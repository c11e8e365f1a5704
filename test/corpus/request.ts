/** One request of a Lambda function as its log stream shows it, every line with the trace and span it was written in. */
import type { Random } from "./random.ts";

export type Tracer = "dd-trace-js" | "dd-trace-py" | "dd-trace alone" | "OpenTelemetry" | "X-Ray" | "none";
export const TRACERS: readonly Tracer[] = [
  "dd-trace-js",
  "dd-trace-py",
  "dd-trace alone",
  "OpenTelemetry",
  "X-Ray",
  "none",
];

/** Where a line was written. */
export interface Truth {
  /** 32 hex digits; "" = in no trace. */
  traceId: string;
  /** From the innermost outwards, 16 hex digits each; the last is the request's. */
  spanIds: string[];
  /** Spans inside the innermost that were open too: of other branches, or of one that its parent does not wait for. */
  deeper: string[];
}

export interface Line {
  message: string;
  unixMs: number;
  /** Null: spans, which are no log. */
  truth: Truth | null;
  kind: "start" | "end" | "report" | "log" | "spans";
}

export interface RequestShape {
  tracer: Tracer;
  isJson: boolean;
  /** In Lambda's JSON format `platform.runtimeDone` depends on the function's log level. */
  hasEnd: boolean;
  /** Its environment takes several requests at once, and is not billed by them. */
  isShared: boolean;
  /** The spans of the trace come in several lines, its handler's last. */
  isFlushedInParts: boolean;
  /** Spans that are open at once, side by side. */
  isConcurrent: boolean;
  /** Request ids of others, which an application logs. */
  strangers: readonly string[];
}

interface Span {
  id: string;
  parent: string;
  from: number;
  to: number;
  kind: string;
}

const ZERO = "0".repeat(16);
const decimal = (hex: string): string => BigInt(`0x${hex}`).toString();

/** @param requestId given where Lambda begins it again */
export function aRequest(random: Random, shape: RequestShape, startUnixMs: number, requestId = random.uuid()): Line[] {
  const { tracer } = shape;
  const hasTracer = tracer.startsWith("dd") || tracer === "OpenTelemetry";
  const low = random.hex(16);
  const high = `${random.hex(8)}00000000`;
  const traceId = hasTracer ? high + low : tracer === "X-Ray" ? random.hex(32) : "";
  const xray = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
  const length = random.between(40, 400);
  const spans = hasTracer ? spansOf(random, shape, startUnixMs, length) : [];
  const handler = spans[0]?.id;
  const ofRequest: Truth = { traceId, spanIds: handler ? [handler] : [], deeper: [] };
  const at = (ms: number): number => Math.floor(startUnixMs + ms);
  const metrics = (type: string): object =>
    type === "report"
      ? { metrics: { durationMs: length, ...(!shape.isShared && { billedDurationMs: length, memorySizeMB: 256 }) } }
      : {};
  const platform = (type: string, tracing = false): string =>
    JSON.stringify({
      time: new Date(startUnixMs).toISOString(),
      type: `platform.${type}`,
      record: {
        requestId,
        ...metrics(type),
        ...(tracing && {
          tracing: { type: "X-Amzn-Trace-Id", value: `Root=${xray};Parent=${random.hex(16)};Sampled=1` },
        }),
      },
    });
  const isTraced = tracer === "X-Ray";
  const lines: Line[] = [
    {
      message: shape.isJson ? platform("start", isTraced) : `START RequestId: ${requestId} Version: $LATEST\n`,
      unixMs: at(-1),
      truth: ofRequest,
      kind: "start",
    },
  ];
  const logs = random.between(1, 8);
  for (let index = 0; index < logs; index++) {
    const unixMs = at(2 + ((length - 4) * index) / logs);
    const truth =
      tracer === "none" || isTraced ? ofRequest : truthAt(random, spans, traceId, unixMs, shape.isConcurrent);
    lines.push({ message: logLine(random, shape, requestId, truth, low, xray, unixMs), unixMs, truth, kind: "log" });
  }
  if (tracer.startsWith("dd")) {
    const payloads = payloadLines(random, shape, requestId, spans, high, low);
    payloads.forEach((message, index) => {
      const isEarly = index < payloads.length - 1;
      const place = isEarly ? random.between(1, lines.length) : lines.length;
      const unixMs = place === lines.length ? at(length) : (lines[place] as Line).unixMs;
      lines.splice(place, 0, { message, unixMs, truth: null, kind: "spans" });
    });
  }
  if (shape.hasEnd) {
    const message = shape.isJson ? platform("runtimeDone") : `END RequestId: ${requestId}\n`;
    lines.push({ message, unixMs: at(length + 1), truth: ofRequest, kind: "end" });
  }
  const report = `REPORT RequestId: ${requestId}\tDuration: ${length}.00 ms\tBilled Duration: ${length} ms\tMemory Size: 256 MB\tMax Memory Used: 90 MB\t\n`;
  const traced = `${report}XRAY TraceId: ${xray}\tSegmentId: ${random.hex(16)}\tSampled: true\t\n`;
  lines.push({
    message: shape.isJson ? platform("report", isTraced) : isTraced ? traced : report,
    unixMs: at(length + 1),
    truth: ofRequest,
    kind: "report",
  });
  return lines;
}

/** The handler's first. Every span ends within its parent. */
function spansOf(random: Random, { isConcurrent }: RequestShape, startUnixMs: number, length: number): Span[] {
  const spans: Span[] = [
    { id: random.hex(16), parent: ZERO, from: startUnixMs, to: startUnixMs + length, kind: "server" },
  ];
  const count = random.between(0, 6);
  for (let index = 0; index < count; index++) {
    const parent = random.pick(spans.filter(({ kind }) => kind !== "client"));
    const siblings = spans.filter((span) => span.parent === parent.id);
    const free = isConcurrent ? parent.from : Math.max(parent.from, ...siblings.map(({ to }) => to));
    if (parent.to - free < 4) continue;
    const from = free + random.between(0, Math.floor((parent.to - free) / 2)) + random.between(0, 999) / 1_000;
    const to = from + random.between(0, Math.floor(parent.to - from));
    spans.push({ id: random.hex(16), parent: parent.id, from, to, kind: random.chance(25) ? "client" : "internal" });
  }
  return spans;
}

/** What runs at a time: no span that waits for somebody else, and any of those that run at once. */
function truthAt(random: Random, spans: Span[], traceId: string, unixMs: number, isConcurrent: boolean): Truth {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const exact = unixMs + random.between(0, 999) / 1_000;
  const open = spans.filter(({ from, to, kind }) => kind !== "client" && from <= exact && exact < to);
  const chainOf = (span: Span | undefined): Span[] => (span ? [span, ...chainOf(byId.get(span.parent))] : []);
  const chains = open.map(chainOf);
  const innermost = chains.filter(([span]) => !open.some(({ parent }) => parent === span?.id));
  // A caller that does not wait runs beside what it called.
  const chain = (isConcurrent ? random.pick(chains) : innermost[0]) ?? chainOf(spans[0]);
  const deeper = chains
    .filter((other) => other.includes(chain[0] as Span) && other !== chain)
    .map(([span]) => span?.id ?? "");
  return { traceId, spanIds: chain.map(({ id }) => id), deeper };
}

function logLine(
  random: Random,
  { tracer, isJson, strangers }: RequestShape,
  requestId: string,
  { traceId, spanIds }: Truth,
  low: string,
  xray: string,
  unixMs: number,
): string {
  const time = new Date(unixMs).toISOString();
  const span = spanIds[0] ?? "";
  const dd = { trace_id: traceId, span_id: span && decimal(span), service: "thinker", version: "1.2.3", env: "dev" };
  const hook = span && `[dd.trace_id=${decimal(low)} dd.span_id=${decimal(span)}]`;
  const otel = { trace_id: traceId, span_id: span, trace_flags: "01" };
  const runtime = (text: string): string =>
    isJson
      ? JSON.stringify({ timestamp: time, level: "INFO", requestId, message: text })
      : `${time}\t${requestId}\tINFO\t${text}\n`;
  const ofTracer: Record<Tracer, (() => string)[]> = {
    "dd-trace-js": [
      () => JSON.stringify({ level: 30, time: unixMs, pid: 7, hostname: "vm", msg: "pino", dd }),
      () => JSON.stringify({ dd, level: "info", message: "winston", timestamp: time }),
      () => JSON.stringify({ name: "app", hostname: "vm", pid: 7, level: 30, msg: "bunyan", time, v: 0, dd }),
      () => `info: winston simple text ${JSON.stringify({ dd })}`,
      () => runtime(`${hook} console text`),
      () => runtime(`${hook} {"message":"console stringified"}`),
      () =>
        isJson
          ? JSON.stringify({ timestamp: time, level: "INFO", requestId, message: { dd } })
          : runtime(`{ message: 'console object', dd: { trace_id: '${decimal(low)}', span_id: '${decimal(span)}' } }`),
    ],
    "dd-trace-py": [
      () => `[INFO]\t${time.slice(0, -1)}Z\t${requestId}\t${hook}\tpython\n`,
      () =>
        JSON.stringify({ message: "x", "dd.trace_id": traceId, "dd.span_id": decimal(span), "dd.service": "thinker" }),
      () =>
        `${time} INFO [dd.service=thinker dd.env=dev dd.version=1 dd.trace_id=${traceId} dd.span_id=${decimal(span)}] x`,
    ],
    "dd-trace alone": [() => JSON.stringify({ msg: "x", dd }), () => runtime("no ids")],
    OpenTelemetry: [
      () => JSON.stringify({ level: 30, time: unixMs, pid: 7, hostname: "vm", ...otel, msg: "pino" }),
      () => JSON.stringify({ level: "info", message: "camel", traceId, spanId: span, traceFlags: "01" }),
      () => JSON.stringify({ message: "python", otelTraceID: traceId, otelSpanID: span, otelServiceName: "thinker" }),
      () => JSON.stringify({ message: "ecs", trace: { id: traceId }, span: { id: span } }),
      () => JSON.stringify({ message: "w3c", traceparent: `00-${traceId}-${span}-01` }),
    ],
    "X-Ray": [
      () =>
        JSON.stringify({
          level: "INFO",
          message: "x",
          timestamp: time,
          function_request_id: requestId,
          xray_trace_id: xray,
        }),
      () => runtime("no ids"),
    ],
    none: [() => runtime("no ids")],
  };
  const withoutIds = [
    () => runtime("a library without instrumentation"),
    () => runtime(`{"msg":"structured"}`),
    () => JSON.stringify({ level: "INFO", message: "x", timestamp: time, function_request_id: requestId }),
    () => JSON.stringify({ message: "x", request_id: requestId }),
  ];
  const lookAlikes = [
    () => runtime(`the trace_id=${low} of another, request ${random.uuid()}`),
    () => runtime(`{"traces":[[{"trace_id":"1"}]]}`),
    () => runtime(`{"trace_id":"not one","span_id":7,"dd":{"trace_id":"0","span_id":"0"}}`),
  ];
  const withoutAnything = [() => "a bare line", () => '{"msg":"bare"}', () => "  at Object.<anonymous> (index.js:1:1)"];
  const others = strangers.map((id) => () => JSON.stringify({ message: "seen before", requestId: id }));
  const kinds = [ofTracer[tracer], withoutIds, lookAlikes, withoutAnything, ...(others.length > 0 ? [others] : [])];
  const kind = random.chance(45) ? (kinds[0] as (() => string)[]) : random.pick(kinds);
  return random.pick(kind)();
}

/** As the tracer writes them: the high half of the trace id stands on the first span of each flush alone. */
function payloadLines(
  random: Random,
  { tracer, isFlushedInParts }: RequestShape,
  requestId: string,
  spans: Span[],
  high: string,
  low: string,
): string[] {
  const isPython = tracer === "dd-trace-py";
  const id = (hex: string): string => (isPython ? hex.toUpperCase() : hex);
  const written = spans.map((span, index) => ({
    trace_id: id(low),
    span_id: id(span.id),
    parent_id: id(span.parent),
    name: index > 0 ? "step" : tracer === "dd-trace alone" ? "job.run" : "aws.lambda",
    resource: "thinker",
    service: "thinker",
    ...(index === 0 && tracer !== "dd-trace alone" && { type: "serverless" }),
    error: 0,
    meta: {
      "span.kind": span.kind,
      env: "dev",
      ...(index === 0 && tracer !== "dd-trace alone" && { request_id: requestId }),
    } as Record<string, string>,
    metrics: { _sampling_priority_v1: 1 },
    start: Math.round(span.from * 1e6),
    duration: Math.round((span.to - span.from) * 1e6),
  }));
  // What ends first is flushed first, the handler's span last.
  const order = isFlushedInParts ? [...written.slice(1), ...written.slice(0, 1)] : written;
  const cuts = isFlushedInParts ? random.between(0, Math.min(2, order.length - 1)) : 0;
  const size = Math.ceil(order.length / (cuts + 1));
  const pieces: (typeof order)[] = [];
  for (let index = 0; index < order.length; index += size) pieces.push(order.slice(index, index + size));
  for (const [index, piece] of pieces.entries()) {
    const first = piece[0];
    if (first && (index === 0 || random.chance(30))) first.meta["_dd.p.tid"] = high;
  }
  return pieces.map((piece) => {
    const json = JSON.stringify({ traces: [piece] });
    return isPython ? json.replace('{"traces":[[', '{"traces": [[') : json;
  });
}
