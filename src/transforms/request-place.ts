import type { LogContext } from "../telemetry.ts";

/**
 * Which request a line of a log stream belongs to.
 *
 * A Lambda log stream is one execution environment, which works on one request at a time, from START to END (REPORT
 * where END is not delivered). Where a delivery begins in the middle of a request, its END names the lines before it.
 * While two requests are open at once (an environment that takes several, or an END that never came) lines are in none.
 */
export class RequestPlace {
  readonly #known: ReadonlySet<string>;
  /** Those that begin or end here. */
  readonly #bounded = new Set<string>();
  readonly #open: Set<string>;
  #isMixed: boolean;
  /** The request that lines are in; "" = none, or unknown. */
  #only = "";

  /**
   * @param known ids that are surely requests'
   * @param contexts what the lines of the delivery say of themselves, in order
   */
  constructor(known: ReadonlySet<string>, contexts: readonly (LogContext | null)[]) {
    this.#known = known;
    this.#open = openAtFirst(contexts, this.#bounded);
    this.#isMixed = this.#open.size > 1;
    this.#setOnly();
  }

  /** The request of a log line; "" = none, or unknown. */
  ofLog(context: LogContext | null): string {
    if (context === null) return this.#only;
    if (context.platform === "start") this.#start(context.requestId);
    else if (context.platform) this.#end(context.requestId);
    const id = context.requestId;
    if (context.isRequestIdCertain) return id;
    if (!this.#known.has(id) || id === this.#only) return this.#only;
    // It may be logged by another request: during that one, after it or before.
    return this.#only || this.#isMixed || this.#bounded.has(id) ? "" : id;
  }

  /** The request of a line that carries no request id, as trace payload lines; "" = none, or unknown. */
  ofLine(): string {
    return this.#only;
  }

  #start(requestId: string): void {
    this.#open.add(requestId);
    this.#isMixed ||= this.#open.size > 1;
    this.#setOnly();
  }

  #end(requestId: string): void {
    this.#open.delete(requestId);
    if (this.#open.size === 0) this.#isMixed = false;
    this.#setOnly();
  }

  #setOnly(): void {
    const [first = ""] = this.#open;
    this.#only = this.#open.size === 1 && !this.#isMixed ? first : "";
  }
}

/** The requests that end without having started here. @param seen takes all that begin or end */
function openAtFirst(contexts: readonly (LogContext | null)[], seen: Set<string>): Set<string> {
  const open = new Set<string>();
  for (const context of contexts) {
    if (!context?.platform) continue;
    if (context.platform !== "start" && !seen.has(context.requestId)) open.add(context.requestId);
    seen.add(context.requestId);
  }
  return open;
}
