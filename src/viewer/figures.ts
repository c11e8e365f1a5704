/** Requests, errors and latencies, in all and by time, kept up to date as requests come and go. */
import { Latencies } from "./latencies.ts";

/** How long one point of a series is. */
export const STEP_MS = 15_000;
/** How many points a series has: a quarter of an hour. */
export const STEPS = 60;

export interface Request {
  startMs: number;
  durationMs: number;
  isError: boolean;
}

interface Step {
  errors: number;
  latencies: Latencies;
}

export class Figures {
  readonly latencies = new Latencies();
  errors = 0;
  readonly #steps = new Map<number, Step>();

  get requests(): number {
    return this.latencies.size;
  }

  add({ startMs, durationMs, isError }: Request): void {
    const at = stepOf(startMs);
    const step = this.#steps.get(at) ?? { errors: 0, latencies: new Latencies() };
    this.#steps.set(at, step);
    step.latencies.add(durationMs);
    this.latencies.add(durationMs);
    if (!isError) return;
    step.errors++;
    this.errors++;
  }

  /** @param request one that was added */
  remove({ startMs, durationMs, isError }: Request): void {
    const at = stepOf(startMs);
    const step = this.#steps.get(at);
    if (!step) return;
    step.latencies.remove(durationMs);
    this.latencies.remove(durationMs);
    if (isError) {
      step.errors--;
      this.errors--;
    }
    if (step.latencies.size === 0) this.#steps.delete(at);
  }

  /** The number of the first and of the last step with requests; undefined where there are none. */
  range(): { first: number; last: number } | undefined {
    let range: { first: number; last: number } | undefined;
    for (const at of this.#steps.keys()) {
      range = range ? { first: Math.min(range.first, at), last: Math.max(range.last, at) } : { first: at, last: at };
    }
    return range;
  }

  /** @param last the number of the newest step */
  series(
    last: number,
  ): { timeMs: number; requests: number; errors: number; p50Ms: number; p95Ms: number; p99Ms: number }[] {
    return Array.from({ length: STEPS }, (_, index) => {
      const at = last - STEPS + 1 + index;
      const step = this.#steps.get(at);
      const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = step?.latencies.percentiles(0.5, 0.95, 0.99) ?? [];
      return {
        timeMs: at * STEP_MS,
        requests: step?.latencies.size ?? 0,
        errors: step?.errors ?? 0,
        p50Ms,
        p95Ms,
        p99Ms,
      };
    });
  }
}

export function stepOf(timeMs: number): number {
  return Math.floor(timeMs / STEP_MS);
}
