/** The attributes that are looked for in spans noted by position, each by its number. */
import { KeyFinder } from "./datadog-key-finder.ts";
import { type SpanAdditions, TAG_SOURCE } from "./datadog-span-additions.ts";

/** They say something of a whole payload: the first of its spans that has one speaks for all. */
export const FACTS = ["language", "dd_trace", "runtime-id", "version"] as const;
/** The numbers of others, which stand behind those. */
export const [ENV, SERVICE_NAME, TAGS_FROM] = [4, 5, 6] as const;
const OTHERS = ["env", "service", TAG_SOURCE] as const;

export class NotableKeys {
  readonly finder: KeyFinder;
  /** By number: which of the additions has the key; -1 = none. */
  readonly additions: Int16Array;

  constructor({ entries }: SpanAdditions) {
    const names = entries.map(([name]) => name);
    const keys = [...new Set([...FACTS, ...OTHERS, ...names])];
    this.finder = new KeyFinder(keys);
    this.additions = Int16Array.from(keys, (key) => names.indexOf(key));
  }
}
