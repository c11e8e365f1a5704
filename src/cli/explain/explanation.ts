/** What became of one log event, and why. Times are as AWS writes them, ids as everywhere inside. */
export interface Explanation {
  /** Its place in the delivery, from 1; 0: what stands for events that are not looked into. */
  event: number;
  /** Which of the logs that the event became, from 1; 0 where it is the only one, or none. */
  log: number;
  logs: number;
  /** Of CloudWatch; "" = none. */
  id: string;
  /** Milliseconds; null where there is none. */
  timestampUnixMs: number | null;
  message: string;
  logGroup: string;
  logStream: string;
  owner: string;
  kind: "log" | "trace line" | "metric line" | "dropped";
  /** Why it is of that kind, a sentence each. */
  why: string[];
  /** Of a log, as the next. */
  request: Found<{ requestId: string }>;
  trace: Found<{ traceId: string; spanId: string }>;
  /** Of a trace line. */
  traces: { traceId: string; spans: number; requestIds: string[] }[];
  origin: Origin | null;
  /** What was changed, a sentence each. */
  changes: string[];
  /** Why nothing is sent of it; "" = it is sent. */
  leftOut: string;
  sent: Sent[];
}

/** What is known and by what, or null and why it is not known. */
export type Found<What> = { is: What | null; by: string };

/** Where it comes from, each with the rule that says so. */
export interface Origin {
  source: string;
  sourceBy: string;
  host: string;
  hostBy: string;
  service: string;
  serviceBy: string;
  /** `key:value`. */
  tags: string[];
}

/** What an intake would get for it. */
export interface Sent {
  destination: string;
  url: string;
  /** Decoded, as the intake reads it; text where there is no reader for it. */
  item: unknown;
}
