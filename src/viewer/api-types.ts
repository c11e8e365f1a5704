/**
 * What the JSON API answers with; docs/api.md tells the paths and their parameters. Times named `…Ms` are milliseconds,
 * moments count from 1970; `…UnixNano` are nanoseconds as decimal text, because a number would round them. Trace ids are 32
 * hex digits, span ids 16; "" = not known, unless it says null.
 */

/** Of every answer that is not 2xx. */
export interface ApiError {
  errors: string[];
  /** Where a query goes wrong, from 0. */
  position?: number;
}

export interface ApiFigures {
  requests: number;
  errors: number;
  /** Of the requests, 0 to 1. */
  errorRate: number;
  requestsPerSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

export interface ApiPoint {
  timeMs: number;
  requests: number;
  errors: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

export interface ApiService extends ApiFigures {
  name: string;
  resources: number;
  series: ApiPoint[];
}

/** `GET /api/services` */
export interface ApiServices {
  /** Of one point of the series. */
  stepMs: number;
  services: ApiService[];
}

export interface ApiResource extends ApiFigures {
  name: string;
  series: ApiPoint[];
  /** Only where one resource is asked for. */
  distribution?: { fromMs: number; toMs: number; count: number }[];
}

/** `GET /api/resources?service=…` */
export interface ApiResources {
  stepMs: number;
  service: string;
  resources: ApiResource[];
}

export type ApiNodeKind = "service" | "database" | "queue" | "external";

export interface ApiMapNode {
  name: string;
  kind: ApiNodeKind;
  /** Null where it sent nothing itself. */
  figures: ApiFigures | null;
}

export interface ApiMapEdge extends ApiFigures {
  from: string;
  to: string;
}

/** `GET /api/service-map` */
export interface ApiServiceMap {
  nodes: ApiMapNode[];
  edges: ApiMapEdge[];
}

export type ApiStatus = "unset" | "ok" | "error";

/** A trace in a list: what is told of is its first span of the service that was asked for, otherwise its root. */
export interface ApiTraceSummary {
  traceId: string;
  spanId: string;
  service: string;
  name: string;
  resource: string;
  status: ApiStatus;
  startMs: number;
  startTimeUnixNano: string;
  durationMs: number;
  spans: number;
  logs: number;
  /** How many of its spans have an error. */
  errors: number;
  services: string[];
}

/** `GET /api/traces` */
export interface ApiTraces {
  traces: ApiTraceSummary[];
  /** For `before`, to get the next older ones; null: there are none. */
  next: string | null;
}

export interface ApiSpan {
  traceId: string;
  spanId: string;
  parentId: string | null;
  service: string;
  name: string;
  resource: string;
  /** Datadog's. */
  type: string;
  kind: "" | "internal" | "server" | "client" | "producer" | "consumer";
  status: ApiStatus;
  startMs: number;
  durationMs: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  error: { type: string; message: string; stack: string } | null;
  attributes: Record<string, unknown>;
  events: { timeMs: number; timeUnixNano: string; name: string; attributes: Record<string, unknown> }[];
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[];
}

/** A span of a trace, beside the others. */
export interface ApiTraceSpan extends ApiSpan {
  /** OpenTelemetry's resource. */
  resourceAttributes: Record<string, unknown>;
  scope: { name: string; version: string };
  /** What it took less what its children took. */
  selfTimeMs: number;
}

export interface ApiLog {
  /** Grows with arrival; for keys of a list. */
  sequence: number;
  timeMs: number;
  timeUnixNano: string;
  severity: "" | "trace" | "debug" | "info" | "warn" | "error" | "fatal";
  message: string;
  service: string;
  traceId: string | null;
  spanId: string | null;
  requestId: string;
  source: string;
  logGroup: string;
  logStream: string;
  functionName: string;
  /** Those of the log, and the fields of its message where that is JSON. */
  attributes: Record<string, unknown>;
}

/** `GET /api/traces/{traceId}` */
export interface ApiTrace {
  traceId: string;
  /** The low 64 bits, as Datadog writes them. */
  traceIdDecimal: string;
  startMs: number;
  durationMs: number;
  status: ApiStatus;
  /** The longest self time first; shares add up to 1. */
  services: { service: string; selfTimeMs: number; share: number; spans: number; errors: number }[];
  /** Ids of the spans that decided how long it took, by start. */
  criticalPath: string[];
  /** By start. */
  spans: ApiTraceSpan[];
  /** By time. */
  logs: ApiLog[];
}

/** `GET /api/logs` */
export interface ApiLogs {
  logs: ApiLog[];
  next: string | null;
}

export interface ApiFunction {
  name: string;
  /** As many as reports came. */
  invocations: number;
  errors: number;
  errorRate: number;
  /** Among the errors. */
  timeouts: number;
  coldStarts: number;
  duration: { p50Ms: number; p95Ms: number; p99Ms: number; maxMs: number };
  initDuration: { p50Ms: number; maxMs: number };
  billedMs: number;
  memorySizeMB: number;
  maxMemoryUsedMB: number;
  /** At the list price of x86_64 in us-east-1. */
  estimatedCostUsd: number;
}

/** `GET /api/functions` */
export interface ApiFunctions {
  functions: ApiFunction[];
}

/** `GET /api/ledger`: what src/delivery/ledger.ts says. */
export interface ApiLedger {
  count: number;
  totals: Record<string, unknown>;
  /** Newest first. */
  last: { receivedAtMs: number; ledger: Record<string, unknown> }[];
}

/** Since the start. */
export interface ApiMetricFigures {
  points: number;
  sum: number;
  min: number;
  max: number;
  last: number;
  lastReceivedAtMs: number;
}

/** The points that have the same tags. */
export interface ApiMetricSeries extends ApiMetricFigures {
  /** `name:value`, in order. */
  tags: string[];
}

/** `GET /api/metrics` */
export interface ApiMetrics {
  points: number;
  metrics: (ApiMetricFigures & {
    name: string;
    unit: string;
    type: string;
    /** How many different sets of tags it came with. */
    series: number;
    tagNames: string[];
  })[];
  /** Only where one is asked for, which is alone in the list then. */
  named?: {
    series: ApiMetricSeries[];
    /** Points with tags that came when there were too many. */
    pointsLeftOut: number;
  };
}

/** `GET /api/live`: the data of its events, which are named `items`. */
export interface ApiLive {
  spans: ApiSpan[];
  logs: ApiLog[];
  /** Matched as well, since the last event, and left out because they were too many. */
  dropped: { spans: number; logs: number };
}

export interface ApiCounts {
  traces: number;
  spans: number;
  logs: number;
}

/** `GET /api/status` */
export interface ApiServerStatus {
  version: string;
  startedAtMs: number;
  held: ApiCounts & { bytes: number; oldestReceivedAtMs: number | null };
  limits: { maxAgeMs: number; maxBytes: number };
  received: ApiCounts & { metricPoints: number; duplicateSpans: number };
  /** To keep within the limits, oldest first. */
  evicted: ApiCounts;
  /** Why what was sent was not accepted, the latest last. */
  refusals: string[];
  liveClients: number;
  process: { rssBytes: number; heapUsedBytes: number; cpuMs: number; uptimeMs: number };
}

/** `POST /api/import` */
export interface ApiImport {
  spans: number;
  logs: number;
  rejected: number;
  /** Of the first few lines that could not be used. */
  problems: string[];
}
