/** What can go wrong between the function and a server, and when it does. */

export type Fault =
  /** An error, and nothing is done. */
  | { answer: "status"; status: number; code?: string; retryAfter?: "in seconds" | "as a date" }
  /** The connection is reset: before the body is read, while it is, or when it is there. */
  | { answer: "reset"; at: "headers" | "body" }
  | { answer: "reset"; at: "end"; isProcessed: boolean }
  /** Nothing comes back. */
  | { answer: "hang"; isProcessed: boolean }
  /** What was asked is done; the answer takes its time, never comes to an end, or breaks off in its headers. */
  | { answer: "slow" | "endless" | "cut"; isProcessed: true };

/** By the name it has in steps and totals. */
export const INTAKE_FAULTS = {
  "HTTP 400": { answer: "status", status: 400 },
  "HTTP 401": { answer: "status", status: 401 },
  "HTTP 403": { answer: "status", status: 403 },
  "HTTP 408": { answer: "status", status: 408 },
  "HTTP 413": { answer: "status", status: 413 },
  "HTTP 413 above 600 bytes": { answer: "status", status: 413 },
  "HTTP 429": { answer: "status", status: 429 },
  "HTTP 429, Retry-After in seconds": { answer: "status", status: 429, retryAfter: "in seconds" },
  "HTTP 429, Retry-After as a date": { answer: "status", status: 429, retryAfter: "as a date" },
  "HTTP 500": { answer: "status", status: 500 },
  "HTTP 502": { answer: "status", status: 502 },
  "HTTP 503": { answer: "status", status: 503 },
  "HTTP 503, Retry-After in seconds": { answer: "status", status: 503, retryAfter: "in seconds" },
  "HTTP 504": { answer: "status", status: 504 },
  "reset before the body": { answer: "reset", at: "headers" },
  "reset in the body": { answer: "reset", at: "body" },
  "reset, not taken": { answer: "reset", at: "end", isProcessed: false },
  "reset, taken": { answer: "reset", at: "end", isProcessed: true },
  "hang, not taken": { answer: "hang", isProcessed: false },
  "hang, taken": { answer: "hang", isProcessed: true },
  "slow answer": { answer: "slow", isProcessed: true },
  "endless answer": { answer: "endless", isProcessed: true },
  "answer cut in its headers": { answer: "cut", isProcessed: true },
} as const satisfies Record<string, Fault>;

export const S3_FAULTS = {
  denied: { answer: "status", status: 403, code: "AccessDenied" },
  throttled: { answer: "status", status: 503, code: "SlowDown" },
  "bucket missing": { answer: "status", status: 404, code: "NoSuchBucket" },
  slow: { answer: "slow", isProcessed: true },
  "hang, not done": { answer: "hang", isProcessed: false },
  "hang, done": { answer: "hang", isProcessed: true },
  "reset before the body": { answer: "reset", at: "headers" },
  "reset, not done": { answer: "reset", at: "end", isProcessed: false },
  "reset, done": { answer: "reset", at: "end", isProcessed: true },
} as const satisfies Record<string, Fault>;

export type IntakeFaultName = keyof typeof INTAKE_FAULTS;
export type S3FaultName = keyof typeof S3_FAULTS;

/** A kind of call to S3. A call that none of these is, is a `GET`. */
export type S3Operation = "LIST" | "GET" | "PUT" | "COPY" | "DELETE";

/** What has faults of an intake: Datadog's two, and the two of an OTLP backend. */
export type IntakePlace = "logs" | "traces" | "otlp-logs" | "otlp-traces";

/** A fault that is on. */
export type SwitchedOn = (
  | { at: IntakePlace; fault: IntakeFaultName }
  | { at: "s3"; fault: S3FaultName; of: S3Operation | "every call" }
) & {
  /** How many calls do not meet it yet. */
  after: number;
  /** How many calls then meet it; 0 = all, until it is switched off. */
  calls: number;
};

export interface FaultMet {
  name: string;
  fault: Fault;
}

/** The faults that are on, at most one at each place. */
export class Faults {
  readonly #on = new Map<SwitchedOn["at"], SwitchedOn & { callsBefore: number; callsLeft: number }>();

  switchOn(fault: SwitchedOn): void {
    const { after, calls } = fault;
    this.#on.set(fault.at, { ...fault, callsBefore: after, callsLeft: calls === 0 ? Number.POSITIVE_INFINITY : calls });
  }

  switchOff(): void {
    this.#on.clear();
  }

  /** What a call of the intake meets. @param bytes of its body, as sent */
  atIntake(at: IntakePlace, bytes: number): FaultMet | undefined {
    const on = this.#on.get(at);
    if (on?.at !== at) return undefined;
    if (on.fault === "HTTP 413 above 600 bytes" && bytes <= 600) return undefined;
    return this.#met(on) ? { name: on.fault, fault: INTAKE_FAULTS[on.fault] } : undefined;
  }

  /** What a call of S3 meets. */
  atS3(operation: S3Operation): FaultMet | undefined {
    const on = this.#on.get("s3");
    if (on?.at !== "s3" || (on.of !== "every call" && on.of !== operation)) return undefined;
    return this.#met(on) ? { name: on.fault, fault: S3_FAULTS[on.fault] } : undefined;
  }

  #met(on: { callsBefore: number; callsLeft: number }): boolean {
    return on.callsBefore-- <= 0 && on.callsLeft-- > 0;
  }
}
