/** What the viewer shows: spans and logs as the intake got them, with ids as 32 / 16 lowercase hex digits. */

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentId: string | null;
  service: string;
  name: string;
  resource: string;
  startTimeUnixNano: bigint;
  durationNano: bigint;
  error: ReceivedError | null;
  /** Datadog's `meta` and `metrics` together. */
  attributes: Record<string, string | number>;
}

export interface ReceivedError {
  type: string;
  message: string;
}

export interface ReceivedLog {
  traceId: string | null;
  spanId: string | null;
  service: string;
  body: string;
}

/** Spans in the order of their start, logs in the order of their arrival. */
export interface ReceivedTrace {
  traceId: string;
  spans: ReceivedSpan[];
  logs: ReceivedLog[];
}
