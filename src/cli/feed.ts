import { type Delivery, deliveriesOf, type LogEvent, type LogStream } from "./deliveries.ts";

export interface FeedSettings {
  /** Of what is held; whoever gives more waits until it is forwarded. */
  maxBytes: number;
  /** Between two times of forwarding. */
  pauseMs: number;
  /** How long events wait for the end of their request. */
  maxHoldMs: number;
}

export const FEED: FeedSettings = { maxBytes: 8_000_000, pauseMs: 500, maxHoldMs: 5_000 };

interface Held {
  stream: LogStream;
  events: LogEvent[];
  bytes: number;
  sinceMs: number;
  /** Whether a request of the stream has begun, and has no report yet. */
  isOpen: boolean;
}

/**
 * Log events on their way into the forwarder: handed over as CloudWatch Logs does, in deliveries of one log stream each, in
 * the order of their time, one after the other.
 *
 * Events of a request wait for its report, so that its trace line and its logs come together.
 */
export class Feed {
  readonly #forward: (delivery: Delivery) => Promise<void>;
  readonly #settings: FeedSettings;
  readonly #held = new Map<string, Held>();
  #bytes = 0;
  #events = 0;
  #forwarded = 0;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;

  /** @param forward once it rejects, so do `push` and `settle` */
  constructor(forward: (delivery: Delivery) => Promise<void>, settings: Partial<FeedSettings> = {}) {
    this.#forward = forward;
    this.#settings = { ...FEED, ...settings };
  }

  /** How many were given so far. */
  get events(): number {
    return this.#events;
  }

  /** Resolves when there is room for more. */
  async push(stream: LogStream, event: LogEvent): Promise<void> {
    this.#rethrow();
    const key = JSON.stringify([stream.owner, stream.logGroup, stream.logStream]);
    let held = this.#held.get(key);
    if (!held) {
      held = { stream, events: [], bytes: 0, sinceMs: Date.now(), isOpen: false };
      this.#held.set(key, held);
    }
    // In UTF-16; it is held like that.
    const bytes = event.message.length * 2 + 200;
    held.events.push(event);
    held.bytes += bytes;
    held.isOpen = isOpenAfter(event.message) ?? held.isOpen;
    this.#bytes += bytes;
    this.#events++;
    if (this.#bytes < this.#settings.maxBytes) return this.#flushLater();
    await this.#flush(true);
    this.#rethrow();
  }

  /** Forwards all that is held. */
  async settle(): Promise<void> {
    await this.#flush(true);
    this.#rethrow();
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#flush(false);
    }, this.#settings.pauseMs);
  }

  #flush(isAll: boolean): Promise<void> {
    if (isAll) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.#last = this.#last.then(async () => {
      try {
        await this.#forwardHeld(isAll);
      } catch (error) {
        this.#failure ??= { error };
      }
      if (this.#held.size > 0 && !this.#failure) this.#flushLater();
    });
    return this.#last;
  }

  async #forwardHeld(isAll: boolean): Promise<void> {
    const waitingSinceMs = Date.now() - this.#settings.maxHoldMs;
    for (const [key, { stream, events, bytes, sinceMs, isOpen }] of [...this.#held]) {
      if (!isAll && isOpen && sinceMs > waitingSinceMs) continue;
      this.#held.delete(key);
      try {
        events.sort((a, b) => a.timestamp - b.timestamp);
        const firstSequence = this.#forwarded;
        this.#forwarded += events.length;
        for (const delivery of deliveriesOf(stream, events, firstSequence)) await this.#forward(delivery);
      } finally {
        this.#bytes -= bytes;
      }
    }
  }

  #rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/** Undefined where a line says nothing of it. */
function isOpenAfter(message: string): boolean | undefined {
  if (message.startsWith("START RequestId: ")) return true;
  if (message.startsWith("REPORT RequestId: ")) return false;
  // Lambda's own lines in JSON are short.
  if (!message.startsWith("{") || message.length > 2_000) return undefined;
  if (message.includes('"type":"platform.start"')) return true;
  return message.includes('"type":"platform.report"') ? false : undefined;
}
