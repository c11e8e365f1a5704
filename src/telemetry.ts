/**
 * The nouns: what flows from sources to destinations. This file imports nothing and runs nothing.
 *
 * AWS words until `split` (log event batch), OpenTelemetry words after it (resource, log record, span).
 */

/** One slice of a log stream's events, in order, still in the bytes they came in. */
export interface LogEventBatch {
  /** The AWS account that owns the log group, 12 digits. */
  owner: string;
  logGroup: string;
  logStream: string;
  slice: Slice;
  logEvents: LogEvent[];
  /** Of what it came through, where that may be in another region than the forwarder. */
  region?: string;
  /** What its source knows of events that no log stream held. Absent: account, log group and stream tell it. */
  resource?: Resource;
}

/**
 * Bytes of UTF-8 JSON, and the same bytes as a latin1 string: one character a byte, so that positions in the text are
 * positions in the bytes, and searching it costs no decoding.
 */
export interface Slice {
  bytes: Buffer;
  text: string;
}

/**
 * Where one log event stands in its slice: `{"id":"…","timestamp":…,"message":"…"` and what follows the message, if
 * anything. An event that is of no log stream may have no id or timestamp. The message is JSON-escaped, without its quotes.
 */
export interface LogEvent {
  /** The opening brace. */
  start: number;
  /** The first byte of the message. */
  message: number;
  /** Behind the last byte of the message. */
  messageEnd: number;
  /** Behind the last byte of the event before its closing brace. */
  end: number;
}

/** What one log stream's slice has become: a resource and what it said. */
export interface ResourceTelemetry {
  resource: Resource;
  slice: Slice;
  logs: LogRecord[];
  tracePayloads: TracePayload[];
  metrics: Metric[];
  /** Events of the slice that went no further, by reason. */
  dropped?: Record<string, number>;
  /** Log records beyond one a line, of lines that hold several. */
  unpacked?: number;
  /** Positions of events that have something of a payload and are no whole one. */
  suspects?: number[];
  /** Lines that had to be repaired, by what was wrong with them (`transforms/repair.ts`). */
  repaired?: Record<string, number>;
}

/** What produced a log stream. */
export interface Resource {
  /** Keys are OpenTelemetry's semantic conventions: `cloud.account.id`, `aws.log.group.names`, `faas.name`, … */
  attributes: Record<string, string>;
  /** The technology the logs come from, by which backends choose a parser: `lambda`, `cloudwatch`, … */
  source: string;
  /** AWS's tags of the log group or bucket, `key:value` or `key` as Datadog writes them; empty where none are looked up. */
  tags: string[];
  /** AWS's tags of the Lambda function itself, in the same form. */
  functionTags: string[];
  /** Each message is JSON of an object that came as it is, in no text: its members are those of the log. */
  hasObjects?: true;
}

/**
 * A log event that is a log. It keeps the bytes it came in: a destination copies them unless `body` says otherwise, so
 * numbers, escapes and unusual characters arrive as they were written.
 */
export interface LogRecord extends LogEvent {
  /** Position among the events of its slice, shared with the trace payload lines. */
  index: number;
  /** The message, decoded, when a transform changed it; null: copy the bytes. */
  body: string | null;
  /** What the line itself says about its request and trace; null when it says nothing. */
  context: LogContext | null;
  /** The request during which the line was written; null when unknown. Filled in as it becomes known. */
  invocation: Invocation | null;
  linkMethod: LinkMethod;
  /** What the line is in OpenTelemetry's terms, where it says so itself; a line may hold several, each a log record. */
  otlp?: OtlpLogRecord;
  /** Set where the log stands for others like it, which were left out. */
  sampling?: LogSampling;
}

/** By what share of the traces logs were kept; shared by all that were. */
export interface LogSampling {
  /** More than 0, less than 1: a log stands for 1 / rate of them. */
  rate: number;
  /**
   * The same as OpenTelemetry writes it (`sampling.threshold`): hex digits, without the zeros at their end. Kept are traces
   * whose id, in its last 14 digits, is not less.
   */
  threshold: string;
}

/**
 * How a log was tied to its trace; "" = it is not.
 *
 * - `own-ids`: it carries the trace id itself
 * - `request-id`: it carries the id of its request, whose spans are known
 * - `stream-position`: it stands between the lines of a request whose spans are known
 * - `span-time`: one of the two before, and its time lies within one span inside the request's
 * - `trace-id`: other lines of its request carry the trace id
 * - `xray`: only X-Ray's id of its request, or its own, is known
 * - `remembered`: an earlier slice or delivery told the trace of its request
 * - `function-span`: its request has no tracer, and its span was made of the platform's lines
 */
export type LinkMethod =
  | "own-ids"
  | "request-id"
  | "stream-position"
  | "span-time"
  | "trace-id"
  | "xray"
  | "remembered"
  | "function-span"
  | "";

/** What a log line says about itself. Ids in their inner form (`formats/trace-ids.ts`); "" = not said. */
export interface LogContext {
  /** A line the Lambda platform writes around a request. */
  platform: "" | "start" | "end" | "report";
  requestId: string;
  /** Whether `requestId` stands where only the Lambda runtime or a Lambda library writes one. */
  isRequestIdCertain: boolean;
  traceId: string;
  spanId: string;
  xrayTraceId: string;
  service: string;
  env: string;
  version: string;
  /** Whether the ids stand where Datadog finds them without help. */
  isDatadog: boolean;
  atOnce: AtOnce;
}

/** How many requests an environment works on at a time: 0 = unknown, 1 = one, 2 = several. Where both are said, several. */
export type AtOnce = 0 | 1 | 2;

/** One request of a Lambda function, shared by all its log records. */
export interface Invocation {
  requestId: string;
  /** "" = unknown. */
  traceId: string;
  /** The span of the request itself, 16 hex digits; "" = unknown. */
  spanId: string;
  service: string;
  env: string;
  version: string;
  /** What told its trace, where it was not spans in this slice. */
  told?: "trace-id" | "xray" | "remembered" | undefined;
}

/** What is kept of a request's trace when its slice is gone. */
export interface RememberedRequest {
  /** Account, log group and log stream: what one stream says is of no use to another. */
  stream: string;
  requestId: string;
  /** "" = two answers are possible. */
  traceId: string;
  spanId: string;
  service: string;
  env: string;
  version: string;
  /** What told it: see `transforms/strength.ts`. */
  strength: number;
  /** Between them lines of it were seen. Lambda runs a failed request again under the same id, after a minute. */
  fromUnixMs: number;
  toUnixMs: number;
}

/** One trace payload line: a log event whose message is spans. */
export interface TracePayload {
  /** Position among the events of its slice. */
  index: number;
  /** It is no line: its spans were made of the logs of a request. */
  isDerived?: true;
  /** Where the escaped message begins and ends, when it is known. */
  message?: number;
  messageEnd?: number;
  /** What is known of its traces, at least one, without a look at every span. */
  traces: TraceOutline[];
  /** Where its spans stand, trace after trace from row `firstSpan` on; null: they had to be decoded. */
  table: SpanTable | null;
  firstSpan: number;
  /** The spans as objects. Those of a table are decoded at each call. */
  decode(): Trace[];
  /** The same in OpenTelemetry's terms, where the line has them so; what changes one of the two changes both. */
  resourceSpans?: ResourceSpans[];
}

/** What correlation asks of the spans of one trace that were written together. */
export interface TraceOutline {
  /** 32 hex digits; the high half is zeros until something tells it. */
  traceId: string;
  spanCount: number;
  /** The spans that name the request they belong to. */
  naming: NamingSpan[];
  /** The first span of type `serverless`. */
  serverless(): SpanOutline | undefined;
  /** The spans whose parent is not among these. */
  localRoots(): SpanOutline[];
  /** All of them, 16 hex digits each. */
  spanIds(): Set<string>;
  /** When a span began and ended. Of several with the id, 16 hex digits, the last counts. */
  timesOf(spanId: string): SpanTimes | undefined;
  /** All of them, with their times. */
  timedSpans(): TimedSpan[];
}

export interface SpanTimes {
  /** With a fraction, to the microsecond. */
  startUnixMs: number;
  endUnixMs: number;
}

/** What tells which span was open when a log was written. */
export interface TimedSpan extends SpanTimes {
  /** The id in four characters, which takes a tenth of the time of its hex digits (`spanKey` in `formats/span-key.ts`). */
  key: string;
  /** The parent's. */
  parentKey: string;
  service: string;
  /** `server`, `client`, `producer`, …, lower case; "" = not said. */
  kind: string;
}

/** What a request, and so its logs, takes over from a span. */
export interface SpanOutline {
  /** 16 hex digits; the parent's where the span only stands for it, and is not sent. */
  spanId: string;
  /** 16 hex digits; "" for a root. */
  parentSpanId: string;
  service: string;
  name: string;
  /** `web`, `sql`, `serverless`, …; "" = none. */
  type: string;
  env: string;
  version: string;
}

export interface NamingSpan extends SpanOutline {
  /** Lower case, not empty. */
  requestId: string;
}

/**
 * Spans as places in the bytes of their slice. `formats/span-table.ts` tells which cell holds what, and reads it.
 * It is used again for the next slice, so it lives as long as the slice's telemetry.
 */
export interface SpanTable {
  cells: Int32Array;
  /** The same memory, two cells a number. */
  doubles: Float64Array;
  /** How many cells are taken. */
  length: number;
  /** Texts that were changed, and stand nowhere in the bytes of the slice: UTF-8, and three bytes more. */
  changed: Buffer;
  /** How many bytes of them there are. */
  changedBytes: number;
  /** The keys of the spans' attributes. There are none before the first span. */
  keys?: KeyTable;
}

/** Keys by number, as long as it is the same table. None is empty or has escapes. */
export interface KeyTable {
  readonly count: number;
  /** The UTF-8 of all of them, and three bytes more. */
  readonly view: DataView;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** -1 where no span has it. @param name ASCII */
  numberOf(name: string): number;
  /** Bytes as characters. */
  nameOf(number: number): string;
}

/** Spans of one trace that were written together; the trace may have more elsewhere. */
export interface Trace {
  /** 32 hex digits; the high half is zeros where these spans do not tell it. */
  traceId: string;
  spans: Span[];
}

export interface Span {
  /** 16 hex digits. */
  spanId: string;
  /** 16 hex digits; "" for a root. */
  parentSpanId: string;
  service: string;
  name: string;
  /** What was worked on: a route, a statement, a function. */
  resource: string;
  /** `web`, `sql`, `serverless`, …; "" = none. */
  type: string;
  startTimeUnixNano: bigint;
  durationNano: bigint;
  /** 0 = no error. */
  error: number;
  attributes: Record<string, string>;
  numericAttributes: Record<string, number>;
  links: SpanLink[];
  events: SpanEvent[];
  /** Attributes that are JSON of any shape; absent: there are none. */
  structuredAttributes?: Record<string, unknown>;
}

export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Record<string, string>;
  traceState: string;
  flags: number;
}

export interface SpanEvent {
  timeUnixNano: bigint;
  name: string;
  attributes: Record<string, AttributeValue>;
}

export type AttributeValue = string | number | boolean | (string | number | boolean)[];

/**
 * Spans of one resource, as OpenTelemetry's protocol has them.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export interface ResourceSpans {
  attributes: Attributes;
  droppedAttributesCount: number;
  schemaUrl: string;
  scopeSpans: ScopeSpans[];
}

export interface ScopeSpans {
  scope: InstrumentationScope;
  schemaUrl: string;
  spans: OtlpSpan[];
}

/** The library that made the spans or log records. */
export interface InstrumentationScope {
  name: string;
  version: string;
  attributes: Attributes;
  droppedAttributesCount: number;
}

export interface OtlpSpan {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
  /** 16 hex digits; "" for a root. */
  parentSpanId: string;
  traceState: string;
  /** W3C's in the lowest 8 bits; bit 8: bit 9 says whether the parent is remote. */
  flags: number;
  name: string;
  kind: SpanKind;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Attributes;
  droppedAttributesCount: number;
  events: OtlpSpanEvent[];
  droppedEventsCount: number;
  links: OtlpSpanLink[];
  droppedLinksCount: number;
  status: { code: StatusCode; message: string };
}

/** Unspecified, internal, server, client, producer, consumer. */
export type SpanKind = 0 | 1 | 2 | 3 | 4 | 5;

/** Unset, ok, error. */
export type StatusCode = 0 | 1 | 2;

export interface OtlpSpanEvent {
  timeUnixNano: bigint;
  name: string;
  attributes: Attributes;
  droppedAttributesCount: number;
}

export interface OtlpSpanLink {
  traceId: string;
  spanId: string;
  traceState: string;
  flags: number;
  attributes: Attributes;
  droppedAttributesCount: number;
}

/** @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto */
export interface OtlpLogRecord {
  /** Of the resource that wrote it. */
  resource: Attributes;
  scope: InstrumentationScope;
  /** 0 = not said. */
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  /** 1 to 24; 0 = not said. */
  severityNumber: number;
  severityText: string;
  body: AnyValue;
  attributes: Attributes;
  droppedAttributesCount: number;
  flags: number;
  /** "" = not said. */
  traceId: string;
  spanId: string;
  eventName: string;
}

export type Attributes = Record<string, AnyValue>;

/** `AnyValue`: a bigint is its int, a number its double, an object its list of keys and values; null is an empty one. */
export type AnyValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | null
  | AnyValue[]
  | { [key: string]: AnyValue };

/** Points of one distribution, all with the same tags. */
export interface Metric {
  name: string;
  points: MetricPoint[];
  /** `key:value`. Those of the resource are not among them. */
  tags: string[];
  /** Whether it is a log event of its own, a metric line; otherwise it was made of logs. */
  isLine: boolean;
}

export interface MetricPoint {
  timeUnixSeconds: number;
  /** At least one, all finite. */
  values: number[];
}

/**
 * Stands in the line that a forwarder prints at each invocation: how many forwarders in a row have forwarded each other's
 * log up to this line. A forwarder that is given its own log by way of another one can tell by it.
 */
export const GENERATION_KEY = "~forwarder.generation";

/** The forwarder itself, as Lambda tells it. */
export interface Forwarder {
  /** `arn:aws:lambda:<region>:<account>:function:<name>`, lower case; "" when unknown. */
  functionArn: string;
  /** The ARN it was invoked by, as Lambda writes it: an alias or a version may stand at its end. */
  invokedFunctionArn: string;
  functionName: string;
  /** Of the function, when it is a published one; "" = it is not. */
  functionVersion: string;
  region: string;
  version: string;
  /** The log group it writes to itself. */
  logGroup: string;
}
