import type { ResourceTelemetry } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";

/**
 * Where telemetry goes: facts and pure functions. A body is an opening, items with separators between them, and a
 * closing, so that whoever sends decides what travels together.
 */
export interface Destination {
  /** As it appears in the ledger; stored batches name it. */
  name: string;
  /** Which of the configured backends it belongs to. Those of one share credentials and connections. */
  backend: string;
  kind: Kind;
  /** The name of the destination whose bodies its own are like (`stored-items.ts`); absent: its own name. */
  form?: string;
  url: string;
  /** Without credentials and content encoding. */
  headers: Readonly<Record<string, string>>;
  limits: Limits;
  /** Of compressed bodies, where the intake does not take gzip. */
  encoding?: "deflate";
  /** How long one request may take; absent: as long as is usual. */
  timeoutMs?: number;
  /** How much of the body of a 2xx answer `outcome` looks at; absent: nothing. */
  maxAnswerBytes?: number;
  framing: Framing;
  /** Loads what encoding just this needs and few others do; ends before `encode` is called. */
  prepare?(telemetry: ResourceTelemetry): Promise<void> | undefined;
  encode(telemetry: ResourceTelemetry): Items;
  outcome(answer: Answer): Outcome;
}

/** What its items are. Stored batches are kept apart by it. */
export type Kind = "logs" | "traces" | "metrics";

/** Of one request. Bytes are before compression. */
export interface Limits {
  maxItems: number;
  maxBytes: number;
}

export interface Framing {
  opening: Uint8Array;
  separator: Uint8Array;
  closing: Uint8Array;
}

/** The items one resource gives a destination; each stands for one log event, or is a metric made of logs. */
export interface Items {
  count: number;
  /** Appends item `index`. */
  write(index: number, to: ByteWriter): void;
  /** The group that item `index` travels in; absent: there are no groups. */
  groupOf?(index: number): Group;
}

/**
 * Items that follow each other and share what stands before and behind them, such as their resource. Those with the same
 * object are in one group.
 */
export interface Group {
  /** Appends what stands before the first item. */
  open(to: ByteWriter): void;
  /** Appends what stands behind the last item. It may be asked for again, behind fewer items. @param start of the opening */
  close(to: ByteWriter, start: number): void;
  /** Of what `close` appends. */
  closingBytes: number;
}

/** What came back for one request: a status, or why nothing did. */
export type Answer = Answered | Unanswered;

export interface Answered {
  status: number;
  /** The header, as it is. */
  retryAfter?: string | undefined;
  /** The front of the body of an answer that is not 2xx. */
  text?: string | undefined;
  /** The front of the body of a 2xx answer, where it was asked for and there is one. */
  body?: Uint8Array;
}

export interface Unanswered {
  /** Why: a code such as ECONNREFUSED, or `timeout`. */
  error: string;
  /** Whether all of the request was on its way, so that the intake may have taken it. */
  isSent: boolean;
  /** Whether the connection was one that had been kept: the intake may have closed it long ago. */
  isStale?: boolean;
}

/** The three ends of a request. */
export type Outcome = Delivered | Retryable | Rejected;

export interface Delivered {
  status: "delivered";
  /** How many spans, log records or data points the intake left out of what it took; absent: none. */
  rejected?: number;
}

export interface Retryable {
  status: "retryable";
  reason: string;
  /** The server's `Retry-After`: seconds or a date. */
  retryAfter?: string | undefined;
}

export interface Rejected {
  status: "rejected";
  reason: string;
  /**
   * What is at fault: an item or their size, so that fewer of them may be taken; the credentials, so that others may do;
   * or something else, which time or a person may mend.
   */
  fault: "items" | "credentials" | "else";
}
