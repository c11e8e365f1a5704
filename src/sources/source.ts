import type { LogEvent, LogEventBatch, Slice } from "../telemetry.ts";

/** A kind of Lambda event the forwarder reads. */
export interface Source {
  /** As a person would call it, for messages. */
  name: string;
  /** A cheap look at the event's outermost keys. */
  matches(event: object): boolean;
  /** The event's parts, in order; each is valid until the next is asked for. @throws {UnreadableEventError} */
  read(event: object, cut: Cut): AsyncIterable<Part>;
}

/** A part of one Lambda event, of bounded size. */
export interface Part {
  /** How many log events it held. */
  events: number;
  /** Those that are not logs, by reason. */
  dropped: Record<string, number>;
  batches: LogEventBatch[];
  /** Whether more of the same log streams follows in the event; left out where that is not known. */
  goesOn?: boolean;
}

/**
 * Where one part may end and the next begin: how many of the events at the front can be understood without knowing what
 * follows. 0: none, more has to be read first.
 */
export type Cut = (slice: Slice, logEvents: readonly LogEvent[]) => number;

/** Where an event comes from, as far as it is known. */
export interface Origin {
  logGroup?: string | undefined;
  logStream?: string | undefined;
}

/**
 * Exists so that whoever catches it can name what is wrong with an event without showing any of its content.
 * Lambda invokes again, and a person has to look.
 */
export class UnreadableEventError extends Error {
  override name = "UnreadableEventError";
  constructor(problem: string, from?: Origin) {
    const where = [from?.logGroup && `log group ${from.logGroup}`, from?.logStream && `log stream ${from.logStream}`];
    const named = where.filter(Boolean).join(", ");
    super(named ? `${problem} (${named})` : problem);
  }
}
