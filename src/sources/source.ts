import type { LogEvent, LogEventBatch, Slice } from "../telemetry.ts";

/** A kind of Lambda event the forwarder reads. */
export interface Source {
  /** A cheap look at the event's outermost keys. */
  matches(event: object): boolean;
  /**
   * The event's parts, in order; each is valid until the next is asked for.
   *
   * @param loadReach gives what the few sources need that read more than the event
   * @throws {UnreadableEventError}
   */
  read(event: object, cut: Cut, loadReach?: LoadReach): AsyncIterable<Part>;
}

export type LoadReach = () => Promise<Reach>;

/** What some sources need besides the event, and what they tell besides log events. */
export interface Reach {
  /** @throws {Error} that names the object, what is wrong and the remedy */
  openObject(place: ObjectPlace, fromByte: number): Promise<OpenObject>;
  /** Whether a line begins an event, where events of objects may have several lines; undefined: each line is one. */
  beginsEvent: ((line: string) => boolean) | undefined;
  /** Of one object, decompressed. */
  maxObjectBytes: number;
  /** Whether so little time is left that no more should be read. */
  isLate(): boolean;
  /** Objects that are read only in part, for want of time: what is left of them is read by another invocation. */
  unfinished: Unfinished[];
  /** Whether another invocation would go on with them. */
  canResume: boolean;
  /** What Lambda is answered when all is done. */
  answer: unknown;
  /** Takes a sentence for a person about what does not make the invocation fail. */
  report(problem: string): void;
}

export interface ObjectPlace {
  bucket: string;
  key: string;
  /** Undefined: the function's. */
  region?: string | undefined;
  versionId?: string | undefined;
  /** Without it, whatever is there now. */
  etag?: string | undefined;
}

export interface OpenObject {
  etag: string;
  /** Its bytes, in pieces that stay as they are. */
  pieces: AsyncIterable<Buffer>;
}

/** An object that is read up to a byte, behind so many events. */
export interface Unfinished {
  object: ObjectPlace;
  byte: number;
  line: number;
  /** The event that makes a forwarder go on with it. It is kept as JSON. */
  event: object;
}

/** Where the reading of an object goes on. */
export interface UnfinishedObject extends ObjectPlace {
  /** Whether it is compressed: then `byte` is behind the decompression. */
  isPacked: boolean;
  byte: number;
  /** How many events stand before it. */
  line: number;
  /** What the reader of its content knows at that place. */
  state: object;
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

/** Records that were not read. Lambda can be told which, so that it hands in these again and no others. */
export interface ItemFailure {
  itemIdentifier: string | Record<string, unknown>;
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
