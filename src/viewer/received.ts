/** What the intake got, from Datadog's world and OpenTelemetry's alike. Ids are 32 / 16 lowercase hex digits. */
import type { Attributes, SpanKind } from "../telemetry.ts";

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentId: string | null;
  service: string;
  name: string;
  /** What was worked on: a route, a statement, a function. */
  resource: string;
  /** Datadog's `web`, `sql`, `serverless`, …; "" = none. */
  type: string;
  kind: SpanKind;
  status: SpanStatus;
  startTimeUnixNano: bigint;
  durationNano: bigint;
  error: ReceivedError | null;
  attributes: Attributes;
  origin: Origin;
  events: ReceivedEvent[];
  links: ReceivedLink[];
}

export type SpanStatus = "unset" | "ok" | "error";

export interface ReceivedError {
  type: string;
  message: string;
  stack: string;
}

export interface ReceivedEvent {
  timeUnixNano: bigint;
  name: string;
  attributes: Attributes;
}

export interface ReceivedLink {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

export interface ReceivedLog {
  traceId: string | null;
  spanId: string | null;
  service: string;
  /** The message, without a newline at its end. */
  body: string;
  timeUnixNano: bigint;
  severity: Severity;
  /** "" = unknown. */
  requestId: string;
  attributes: Attributes;
  origin: Origin;
}

/** "" = unknown. */
export type Severity = "" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** What sent spans or logs: OpenTelemetry's resource and scope. Shared by all that came together; "" = unknown. */
export interface Origin {
  attributes: Attributes;
  scope: { name: string; version: string };
  service: string;
  /** Datadog's `ddsource`. */
  source: string;
  logGroup: string;
  logStream: string;
  /** Of the Lambda function. */
  functionName: string;
}

export interface ReceivedMetric {
  name: string;
  unit: string;
  /** `distribution`, `gauge`, `sum`, `histogram`, … */
  type: string;
  /** A histogram's value is its mean. Tags are `name:value`, in any order. */
  points: { value: number; tags: readonly string[] }[];
}

/** Spans in the order of their start, logs in the order of their time. */
export interface ReceivedTrace {
  traceId: string;
  spans: ReceivedSpan[];
  logs: ReceivedLog[];
}
