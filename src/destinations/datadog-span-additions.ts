/** What every span gets besides what its tracer wrote. */

import { ByteWriter } from "./byte-writer.ts";
import { type TraceTags, traceTagsOf } from "./datadog-trace-tags.ts";
import { PaddedBytes } from "./padded-bytes.ts";
import { double, entry, stringAlways } from "./protobuf.ts";

export const ORIGIN = "_dd.origin";
/** Without it Datadog computes no metrics of spans that passed no agent. */
const COMPUTE_STATS = "_dd.compute_stats";
/** Where it is `self`, the span is inferred from what invoked the function, and the function's tags are not its own. */
export const TAG_SOURCE = "_inferred_span.tag_source";
export const OWN_TAGS = "self";
/** Among the numbers of a span: it is the first of its service in the trace. */
export const TOP_LEVEL = "_top_level";

/** How many of the additions every span gets, whatever its tags are. */
const FOR_ALL = 2;
/** Tails that are kept; what is said in ever other orders is no tracer's. */
const MAX_TAILS = 500;

/** The additions of a log stream's spans. */
export class SpanAdditions {
  readonly tags: TraceTags;
  /** Name and value, in the order they are written. A span that has one of the name keeps its own. */
  readonly entries: readonly [string, string][];
  /** What a span gets that has none of them. */
  #whole: Tail;
  #tails = 0;

  constructor(tags: readonly string[]) {
    this.tags = traceTagsOf(tags);
    this.entries = [[COMPUTE_STATS, "1"], [ORIGIN, "lambda"], ...this.tags.attributes];
    this.#whole = new Tail(this.entries, new Set(), false);
  }

  /** The same for a span by its attributes. */
  missingIn(attributes: Record<string, string>): [string, string][] {
    const given = attributes[TAG_SOURCE] === OWN_TAGS ? this.entries.slice(0, FOR_ALL) : this.entries;
    return given.filter(([name]) => !Object.hasOwn(attributes, name));
  }

  /** Where to begin with a span whose attributes are met one after the other. */
  get whole(): Tail {
    return this.#whole;
  }

  /** The tail of a span that has one more of the additions itself. @param addition its place among `entries` */
  without(tail: Tail, addition: number): Tail {
    const known = tail.next[addition];
    if (known) return known;
    const next = this.#made(new Tail(this.entries, new Set([...tail.present, addition]), tail.hasOwnTags));
    tail.next[addition] = next;
    return next;
  }

  /** The tail of a span with tags of its own. */
  withoutTags(tail: Tail): Tail {
    tail.nextOwnTags ??= this.#made(new Tail(this.entries, tail.present, true));
    return tail.nextOwnTags;
  }

  #made(tail: Tail): Tail {
    if (++this.#tails < MAX_TAILS) return tail;
    this.#tails = 0;
    this.#whole = new Tail(this.entries, new Set(), false);
    return tail;
  }
}

/** The additions that some spans get, as entries of a span's meta in protobuf; from each a way to those with fewer. */
export class Tail {
  readonly bytes: PaddedBytes;
  readonly present: ReadonlySet<number>;
  readonly hasOwnTags: boolean;
  readonly next: (Tail | undefined)[] = [];
  nextOwnTags: Tail | undefined;

  constructor(entries: readonly [string, string][], present: ReadonlySet<number>, hasOwnTags: boolean) {
    this.present = present;
    this.hasOwnTags = hasOwnTags;
    const to = new ByteWriter(256);
    for (const [index, [name, value]] of entries.entries()) {
      if (present.has(index) || (hasOwnTags && index >= FOR_ALL)) continue;
      entry(to, 10, name, () => stringAlways(to, 2, value));
    }
    this.bytes = new PaddedBytes(to.view());
  }
}

/** `TOP_LEVEL` as an entry of a span's metrics in protobuf. */
export const TOP_LEVEL_ENTRY = topLevelEntry();

function topLevelEntry(): PaddedBytes {
  const to = new ByteWriter(32);
  entry(to, 11, TOP_LEVEL, () => double(to, 2, 1));
  return new PaddedBytes(to.view());
}
