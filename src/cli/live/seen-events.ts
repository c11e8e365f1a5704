import { createHash } from "node:crypto";

/** A log event as Live Tail (no id) or FilterLogEvents gives it. */
export interface FollowedEvent {
  /** ARN. */
  logGroup: string;
  logStream: string;
  timestamp: number;
  message: string;
  id?: string | undefined;
}

interface Seen {
  /** How many were given on. */
  given: number;
  /** How many FilterLogEvents had, and Live Tail in its session. */
  read: number;
  tailed: number;
  session: number;
}

/**
 * Which events were seen before, by their id or by what they say.
 *
 * Live Tail gives no ids. So alike events (of one stream, time and message) are counted, for each way they come by: the
 * third of them is new where only two were given on, whichever way it comes.
 */
export class SeenEvents {
  readonly #maxEvents: number;
  #young = new Map<string, Seen>();
  #old = new Map<string, Seen>();

  /** @param maxEvents that are remembered at least; at most twice as many are */
  constructor(maxEvents = 100_000) {
    this.#maxEvents = maxEvents;
  }

  /** @param session of Live Tail; each begins to count anew, as it may repeat what the last one had */
  isNew(event: FollowedEvent, session = 0): boolean {
    if (event.id !== undefined) {
      const idKey = `${event.logGroup}\n${event.id}`;
      if (this.#find(idKey)) return false;
      this.#keep(idKey, { given: 1, read: 1, tailed: 0, session: 0 });
    }
    const key = keyOf(event);
    const seen = this.#find(key) ?? this.#keep(key, { given: 0, read: 0, tailed: 0, session });
    if (event.id === undefined && seen.session !== session) {
      seen.session = session;
      seen.tailed = 0;
    }
    const count = event.id === undefined ? ++seen.tailed : ++seen.read;
    if (count <= seen.given) return false;
    seen.given = count;
    return true;
  }

  #find(key: string): Seen | undefined {
    const young = this.#young.get(key);
    if (young) return young;
    const old = this.#old.get(key);
    return old && this.#keep(key, old);
  }

  #keep(key: string, seen: Seen): Seen {
    if (this.#young.size >= this.#maxEvents) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, seen);
    return seen;
  }
}

/** A newline at the end of a message is no part of what tells it from others. */
function keyOf({ logGroup, logStream, timestamp, message }: FollowedEvent): string {
  const text = `${logGroup}\n${logStream}\n${timestamp}\n${message.trimEnd()}`;
  return text.length <= 100 ? text : createHash("sha256").update(text).digest("base64");
}
