/** Tags in memory, refreshed from the copy in S3 or from AWS. */
import type { TagCopy } from "./tag-copy.ts";

/** Until it is tried again, when AWS did not tell. */
const AFTER_FAILURE_MS = 60_000;
/** Until the copy is looked at again that somebody else is about to write. */
const WHILE_LOCKED_MS = 5_000;
const MAX_JITTER_SECONDS = 100;

export interface Clock {
  nowUnixMs(): number;
  /** In [0, 1). */
  random(): number;
}

export interface TagSource<Tags> {
  /** Asks AWS. */
  read(deadlineUnixMs: number): Promise<Tags>;
  /** Null where there is no bucket. */
  copy: TagCopy<Tags> | null;
  ttlSeconds: number;
  clock: Clock;
}

/** What became of a refresh, for the ledger and the log. */
export interface Report {
  /** Fresh tags from the copy, from AWS, or old ones for a little longer. */
  count(outcome: "fromCopy" | "fromAws" | "locked" | "failed" | "copyFailed"): void;
  warn(problem: Error): void;
}

/** A refresh under way. Neither of the two rejects. */
export interface Refresh {
  /** The copy is read, if there is one: there may be tags now, perhaps old ones. */
  copyRead: Promise<void>;
  done: Promise<void>;
}

/** What a refresh that fails leaves is what was there before: in memory and in S3. */
export class TagCache<Tags> {
  /** The last that are known; undefined where none are. */
  tags: Tags | undefined;
  #readAtUnixMs = 0;
  #restUntilUnixMs = 0;
  #refresh: Refresh | undefined;
  readonly #source: TagSource<Tags>;

  constructor(source: TagSource<Tags>) {
    this.#source = source;
  }

  /** The refresh that is under way, or begins because it is time for one; undefined where it is not. */
  refresh(report: Report, deadlineUnixMs: number): Refresh | undefined {
    if (!this.#refresh && this.#source.clock.nowUnixMs() >= this.#restUntilUnixMs) {
      let isCopyRead = (): void => {};
      const copyRead = new Promise<void>((resolve) => {
        isCopyRead = resolve;
      });
      const done = this.#renew(report, deadlineUnixMs, isCopyRead).finally(() => {
        isCopyRead();
        this.#refresh = undefined;
      });
      this.#refresh = { copyRead, done };
    }
    return this.#refresh;
  }

  async #renew(report: Report, deadlineUnixMs: number, isCopyRead: () => void): Promise<void> {
    const { read, copy, clock } = this.#source;
    if (copy && (await this.#readCopy(copy, report, deadlineUnixMs))) return;
    isCopyRead();
    const unlock = copy && (await copy.lock(deadlineUnixMs).catch(() => async () => {}));
    // Where nothing is known, old tags are no way out, and tags are worth a call more than one.
    if (copy && !unlock && this.tags !== undefined) {
      this.#restUntilUnixMs = clock.nowUnixMs() + WHILE_LOCKED_MS;
      report.count("locked");
      return;
    }
    let tags: Tags;
    try {
      tags = await read(deadlineUnixMs);
    } catch (error) {
      // The lock stays: while AWS does not tell, one process a minute asking is enough.
      this.#restUntilUnixMs = clock.nowUnixMs() + AFTER_FAILURE_MS;
      report.count("failed");
      report.warn(error as Error);
      return;
    }
    this.#take(tags, clock.nowUnixMs());
    report.count("fromAws");
    await copy?.write(tags, deadlineUnixMs).catch((error: Error) => {
      report.count("copyFailed");
      report.warn(error);
    });
    await unlock?.();
  }

  /** Whether that was enough. */
  async #readCopy(copy: TagCopy<Tags>, report: Report, deadlineUnixMs: number): Promise<boolean> {
    try {
      const found = await copy.read(deadlineUnixMs);
      if (found && found.writtenAtUnixMs > this.#readAtUnixMs) this.#take(found.tags, found.writtenAtUnixMs);
    } catch (error) {
      report.count("copyFailed");
      report.warn(error as Error);
    }
    const isFresh = this.#source.clock.nowUnixMs() < this.#restUntilUnixMs;
    if (isFresh) report.count("fromCopy");
    return isFresh;
  }

  #take(tags: Tags, readAtUnixMs: number): void {
    const { ttlSeconds, clock } = this.#source;
    const jitterSeconds = 1 + Math.floor(clock.random() * MAX_JITTER_SECONDS);
    this.tags = tags;
    this.#readAtUnixMs = readAtUnixMs;
    this.#restUntilUnixMs = readAtUnixMs + (ttlSeconds + jitterSeconds) * 1_000;
  }
}
