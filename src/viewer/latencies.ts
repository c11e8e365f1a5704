/** Durations, counted in classes that are each two percent wider than the one before: percentiles are exact to 1 %. */
const WIDTH = Math.log(1.02);

export class Latencies {
  readonly #counts = new Map<number, number>();
  size = 0;

  add(ms: number): void {
    this.#count(ms, 1);
  }

  /** @param ms one that was added */
  remove(ms: number): void {
    this.#count(ms, -1);
  }

  /** The durations in ms of which so large a share is not longer, for each share; 0 where there are none. */
  percentiles(...shares: number[]): number[] {
    const classes = [...this.#counts].sort(([a], [b]) => a - b);
    return shares.map((share) => {
      const rank = Math.ceil(share * this.size);
      let seen = 0;
      for (const [at, count] of classes) {
        seen += count;
        if (seen >= rank) return middleOf(at);
      }
      return 0;
    });
  }

  /** From the shortest to the longest, each bar about a fifth wider than the one before. */
  distribution(): { fromMs: number; toMs: number; count: number }[] {
    const bars = new Map<number, number>();
    for (const [at, count] of this.#counts) {
      const bar = Math.ceil(at / CLASSES_PER_BAR);
      bars.set(bar, (bars.get(bar) ?? 0) + count);
    }
    return [...bars]
      .sort(([a], [b]) => a - b)
      .map(([bar, count]) => ({
        fromMs: bar === 0 ? 0 : endOf((bar - 1) * CLASSES_PER_BAR),
        toMs: endOf(bar * CLASSES_PER_BAR),
        count,
      }));
  }

  #count(ms: number, by: number): void {
    const at = classOf(ms);
    const count = (this.#counts.get(at) ?? 0) + by;
    if (count === 0) this.#counts.delete(at);
    else this.#counts.set(at, count);
    this.size += by;
  }
}

const CLASSES_PER_BAR = 10;

/** Class 0 is everything up to a microsecond. */
function classOf(ms: number): number {
  return ms <= 0.001 ? 0 : Math.ceil(Math.log(ms * 1000) / WIDTH);
}

function endOf(at: number): number {
  return Math.exp(at * WIDTH) / 1000;
}

function middleOf(at: number): number {
  return at === 0 ? 0.001 : Math.exp((at - 0.5) * WIDTH) / 1000;
}
