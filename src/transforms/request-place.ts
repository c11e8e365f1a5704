import type { AtOnce, LogContext, ResourceTelemetry } from "../telemetry.ts";

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
  /** As far as the platform's lines of this slice and of earlier ones tell. */
  readonly atOnce: AtOnce;
  readonly #known: ReadonlySet<string>;
  readonly #isAlone: boolean;
  /** Those that begin or end here. */
  readonly #bounded = new Set<string>();
  readonly #open = new Set<string>();
  /** Whether several requests are open, or were since there was none. */
  #isMixed = false;
  /** The request that lines are in; "" = none, or unknown. */
  #only = "";

  /**
   * @param known ids that are surely requests'
   * @param atOnce what earlier slices told of the environment
   */
  constructor(known: ReadonlySet<string>, { resource, logs }: ResourceTelemetry, atOnce: AtOnce) {
    this.#known = known;
    const stream = resource.attributes["faas.instance"];
    this.atOnce = stream ? atOnce : 2;
    for (const { context } of logs) {
      if (!context?.platform) continue;
      if (context.atOnce > this.atOnce) this.atOnce = context.atOnce;
      // It ends without having started here.
      if (context.platform !== "start" && !this.#bounded.has(context.requestId)) this.#open.add(context.requestId);
      this.#bounded.add(context.requestId);
    }
    this.#isAlone = this.atOnce ? this.atOnce === 1 : Boolean(stream?.includes(UNPUBLISHED));
    this.#setOnly();
  }

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
    if (!this.#known.has(id) || id === this.#only) return this.#only;
    // Another request may log it: one after it, or one that knows it as the answer to an invocation. Of a stream in which
    // the platform's lines are delivered, one of them would stand between the two.
    return this.atOnce === 1 && this.#open.size === 0 && !this.#bounded.has(id) ? id : "";
  }

  /** The request of a line that carries no request id, as trace payload lines; "" = none, or unknown. */
  ofLine(): string {
    return this.#only;
  }

  #setOnly(): void {
    const { size } = this.#open;
    this.#isMixed = size > 1 || (this.#isMixed && size > 0);
    const [first = ""] = this.#open;
    this.#only = this.#isAlone && !this.#isMixed ? first : "";
  }
}
