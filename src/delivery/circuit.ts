/** Lasting trouble with one intake, remembered while the process lives, so that it is not paid for again and again. */

/** Batches in a row that all attempts were in vain for. */
const OPENS_AFTER = 2;
const FIRST_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 300_000;

/**
 * A circuit breaker. Closed, it lets everything through. Open, it lets nothing through for a while, then one probe:
 * taken, the circuit closes; otherwise the next pause is twice as long.
 */
export class Circuit {
  #failures = 0;
  /** 0 = closed. */
  #pauseMs = 0;
  #probeAtUnixMs = 0;
  #isProbing = false;

  get isOpen(): boolean {
    return this.#pauseMs > 0;
  }

  /** Whether a request may be made now. A probe that is let through must end in one of the others. */
  admits(nowUnixMs: number): boolean {
    if (!this.isOpen) return true;
    if (this.#isProbing || nowUnixMs < this.#probeAtUnixMs) return false;
    this.#isProbing = true;
    return true;
  }

  /** The probe came to nothing that says anything of the intake; there may be another. */
  abandoned(): void {
    this.#isProbing = false;
  }

  /** The intake answered, if only to refuse an item. */
  succeeded(): void {
    this.#failures = 0;
    this.#pauseMs = 0;
    this.#isProbing = false;
  }

  /** The attempts for a batch were in vain, or the probe was. @param askedMs what the intake asks to wait, 0 = nothing */
  failed(nowUnixMs: number, askedMs: number): void {
    this.#failures++;
    if (this.isOpen ? !this.#isProbing : this.#failures < OPENS_AFTER) return;
    const pauseMs = this.isOpen ? Math.min(2 * this.#pauseMs, MAX_PAUSE_MS) : FIRST_PAUSE_MS;
    this.#pauseMs = pauseMs;
    this.#probeAtUnixMs = nowUnixMs + Math.max(pauseMs, Math.min(askedMs, MAX_PAUSE_MS));
    this.#isProbing = false;
  }
}
