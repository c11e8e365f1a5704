/** Records of one event that could not be read, beside others that could. */
import { type ItemFailure, UnreadableEventError } from "./source.ts";

/** Problems that are told. */
const MAX_PROBLEMS = 5;

/** Thrown when all records have been tried. */
export class UnreadableRecordsError extends UnreadableEventError {
  /** Which they are, where Lambda can be told; undefined where all it takes is that the invocation fails. */
  readonly batchItemFailures: ItemFailure[] | undefined;

  constructor(problem: string, failures: ItemFailure[]) {
    super(problem);
    this.batchItemFailures = failures.length > 0 ? failures : undefined;
  }
}

/** Collects what could not be read, record by record, so that one never costs its neighbours. */
export class Unreadable {
  readonly #what: string;
  readonly #failures: ItemFailure[] = [];
  readonly #problems = new Set<string>();
  #count = 0;

  /** @param what the records are called, for people: `SQS messages` */
  constructor(what: string) {
    this.#what = what;
  }

  /** @param itemIdentifier as Lambda wants it; undefined where it asks for none */
  add(error: unknown, itemIdentifier: ItemFailure["itemIdentifier"] | undefined): void {
    this.#count++;
    if (itemIdentifier !== undefined) this.#failures.push({ itemIdentifier });
    this.#problems.add(error instanceof Error ? error.message : "unknown error");
  }

  /** @throws {UnreadableRecordsError} where there are any */
  end(total: number): void {
    if (this.#count === 0) return;
    const told = [...this.#problems].slice(0, MAX_PROBLEMS);
    const rest = this.#problems.size - told.length;
    const more = rest > 0 ? `; and ${rest} more problems` : "";
    throw new UnreadableRecordsError(
      `${this.#count} of ${total} ${this.#what}: ${told.join("; ")}${more}`,
      this.#failures,
    );
  }
}
