/** The attributes of spans noted by position that decide what is added to a span, each by its number. */
import type { KeyTable } from "../telemetry.ts";
import { type SpanAdditions, TAG_SOURCE } from "./datadog-span-additions.ts";

/** The numbers of two; the additions stand behind them, as far as they are others. */
export const [SERVICE_NAME, TAGS_FROM] = [0, 1] as const;

export class NotableKeys {
  /** By number: which of the additions has the key; -1 = none. */
  readonly additions: Int16Array;
  readonly #numbers: ReadonlyMap<string, number>;
  /** The last table that was asked about, which mostly is the next one too. */
  #table: KeyTable | undefined;
  #ofTable: number[] = [];

  constructor({ entries }: SpanAdditions) {
    const names = entries.map(([name]) => name);
    const keys = [...new Set(["service", TAG_SOURCE, ...names])];
    this.#numbers = new Map(keys.map((key, number) => [Buffer.from(key).toString("latin1"), number]));
    this.additions = Int16Array.from(keys, (key) => names.indexOf(key));
  }

  /** By the number of a key in a table: its number among these; -1 = it is none of them. */
  numbersIn(table: KeyTable): readonly number[] {
    if (table !== this.#table) this.#ofTable = [];
    this.#table = table;
    for (let key = this.#ofTable.length; key < table.count; key++) {
      this.#ofTable.push(this.#numbers.get(table.nameOf(key)) ?? -1);
    }
    return this.#ofTable;
  }
}
