import type { LogContext } from "../telemetry.ts";

/** Called with the id of the request a line belongs to. */
type Claim = (requestId: string) => void;

/**
 * Which request a line of a log stream belongs to.
 *
 * A Lambda log stream is one execution environment, which works on one request at a time, from START to END (REPORT
 * where END is not delivered). Where a delivery begins in the middle of a request, its END names the lines before it.
 * While two requests are open at once (an environment that takes several, or an END that never came) lines are in none.
 */
export class RequestPlace {
  readonly #known: ReadonlySet<string>;
  readonly #open = new Set<string>();
  #isMixed = false;
  /** Lines before the first START or END; null once that came. */
  #before: Claim[] | null = [];

  /** @param known ids that are surely requests' */
  constructor(known: ReadonlySet<string>) {
    this.#known = known;
  }

  /** A log line: `claim` is called at once, later, or never. */
  log(context: LogContext | null, claim: Claim): void {
    if (context?.platform) this.#boundary(context.platform, context.requestId);
    const id = context?.requestId;
    if (id && (context.isRequestIdCertain || this.#known.has(id))) claim(id);
    else this.line(claim);
  }

  /** A line that carries no request id. */
  line(claim: Claim): void {
    if (this.#before) this.#before.push(claim);
    else if (this.#open.size === 1 && !this.#isMixed) claim([...this.#open][0] as string);
  }

  /** There are no more lines. */
  end(): void {
    this.#before = null;
  }

  #boundary(platform: "start" | "end" | "report", requestId: string): void {
    if (platform === "start") {
      this.#before = null;
      this.#open.add(requestId);
      this.#isMixed ||= this.#open.size > 1;
      return;
    }
    for (const claim of this.#before ?? []) claim(requestId);
    this.#before = null;
    this.#open.delete(requestId);
    if (this.#open.size === 0) this.#isMixed = false;
  }
}
