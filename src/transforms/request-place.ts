import type { AtOnce, LogContext, LogRecord } from "../telemetry.ts";

/** In the names of a function's streams. It never takes several requests at once: that needs a published version. */
const UNPUBLISHED = "[$LATEST]";

/**
 * Which request a line of a log stream belongs to.
 *
 * The log stream of a Lambda function is one execution environment. One that works on one request at a time does so from
 * START to END (REPORT where END is not delivered); where a slice begins in the middle of a request, its END names the
 * lines before it. While two requests are open at once (an END that never came) lines are in none. Nor are those of an
 * environment that is not known to work on one request at a time, and those that no log stream of a function held: what
 * shows of one request there may be all that shows of several.
 */
export class RequestPlace {
  /** Of the stream, as far as this slice and what was known before tell. */
  readonly atOnce: AtOnce;
  readonly #isKnown: (id: string) => boolean;
  readonly #open = new Set<string>();
  /** Whether several requests are open, or were since there was none. */
  #isMixed = false;
  /** The request that lines are in; "" = none, or unknown. */
  #only = "";

  /**
   * @param isKnown whether an id is surely a request's
   * @param stream of a function; undefined: of none
   * @param atOnce what earlier slices told of the environment
   */
  constructor(
    isKnown: (id: string) => boolean,
    stream: string | undefined,
    logs: readonly LogRecord[],
    atOnce: AtOnce,
  ) {
    this.#isKnown = isKnown;
    let told = stream ? atOnce : 2;
    const seen = new Set<string>();
    for (const { context } of logs) {
      if (!context?.platform) continue;
      if (context.atOnce > told) told = context.atOnce;
      // It ends without having started here.
      if (context.platform !== "start" && !seen.has(context.requestId)) this.#open.add(context.requestId);
      seen.add(context.requestId);
    }
    this.atOnce = told || (stream?.includes(UNPUBLISHED) ? 1 : 0);
    this.#setOnly();
  }

  /** Decision 58. */
  static readonly kept = new RequestPlace(() => false, "", [], 0);

  /** The request of a log line; "" = none, or unknown. */
  ofLog(context: LogContext | null): string {
    if (context === null) return this.#only;
    const { platform, requestId: id } = context;
    if (platform) {
      if (platform === "start") this.#open.add(id);
      else this.#open.delete(id);
      this.#setOnly();
    }
    if (context.isRequestIdCertain) return id;
    // Whoever logs the id of a request may be another one, which knows it from a message or as the answer to a call.
    return id && id !== this.#only && this.#isKnown(id) ? "" : this.#only;
  }

  /** The request of a line that carries no request id, as trace payload lines; "" = none, or unknown. */
  ofLine(): string {
    return this.#only;
  }

  #setOnly(): void {
    const { size } = this.#open;
    this.#isMixed = size > 1 || (this.#isMixed && size > 0);
    const [first = ""] = this.#open;
    this.#only = this.atOnce === 1 && !this.#isMixed ? first : "";
  }
}
