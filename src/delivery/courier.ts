/** Takes bodies to one destination, side by side, and says what came of it. */
import type { Destination, Outcome } from "../destinations/destination.ts";
import type { Circuit } from "./circuit.ts";
import { Gate } from "./gate.ts";
import type { DestinationBooks } from "./ledger.ts";
import type { Packed, Request, World } from "./world.ts";

/** Requests under way at once: enough to hide the intake's latency. */
const MAX_REQUESTS = 8;
/** Of one request; a slower intake is as good as none. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Of the destinations that are or were in trouble, by name; it stays with the process. */
export type Circuits = Map<string, Circuit>;

/** What one request came to. */
export interface Attempt {
  outcome: Outcome;
  /** What the intake said; "" = nothing. */
  answer: string;
  /** Whether it says nothing of the intake: the connection had been closed long ago. */
  isStale: boolean;
}

export class Courier {
  readonly destination: Destination;
  readonly world: World;
  readonly books: DestinationBooks;
  /** Null where nothing can be stored: then giving up early would lose more than it saves. */
  readonly circuits: Circuits | null;
  readonly #requests = new Gate(MAX_REQUESTS);

  /** @param books are told of deliveries, requests, and what may have arrived without an answer */
  constructor(destination: Destination, world: World, books: DestinationBooks, circuits: Circuits | null) {
    this.destination = destination;
    this.world = world;
    this.books = books;
    this.circuits = circuits;
  }

  /** Why it would be in vain to try; "" = it would not, and an attempt must follow: it may be the circuit's probe. */
  hindrance(): string {
    const { cannotPost, msLeft, nowUnixMs } = this.world;
    if (cannotPost) return "no credentials";
    if (msLeft() <= 0) return "out of time";
    return this.circuits?.get(this.destination.name)?.admits(nowUnixMs()) === false ? "intake down" : "";
  }

  /** Makes one request. */
  async attempt(packed: Packed, items: number): Promise<Attempt> {
    // Else it waits for its turn, which may take the time that is left.
    if (!this.#requests.tryEnter()) await this.#requests.enter();
    const { books, circuits, destination } = this;
    try {
      books.requests++;
      const answer = await this.world.post(this.#requestOf(packed));
      const outcome = destination.outcome(answer);
      if (outcome.status === "delivered") {
        books.delivered += items;
        books.bytes += packed.body.length;
        if (outcome.rejected) books.rejected = (books.rejected ?? 0) + outcome.rejected;
      }
      if (outcome.status !== "retryable") circuits?.get(destination.name)?.succeeded();
      if (!("error" in answer)) return { outcome, answer: answer.text ?? "", isStale: false };
      // It is sent again or stored, and nobody can tell whether the intake has it already.
      if (answer.isSent) books.possiblyDuplicated += items;
      return { outcome, answer: "", isStale: answer.isStale === true };
    } finally {
      this.#requests.leave();
    }
  }

  #requestOf({ body, contentEncoding }: Packed): Request {
    const { url, headers: own, timeoutMs: ownTimeoutMs, maxAnswerBytes = 0 } = this.destination;
    const headers = contentEncoding ? { ...own, "content-encoding": contentEncoding } : own;
    const timeoutMs = Math.max(1, Math.min(ownTimeoutMs ?? REQUEST_TIMEOUT_MS, this.world.msLeft()));
    return { url, headers, body, timeoutMs, maxAnswerBytes };
  }
}
