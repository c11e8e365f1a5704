/** Destinations that get less than all. Loaded only where there are any. */
import type { DestinationEntry } from "../config/destinations.ts";
import { booksOf, count, type Ledger } from "../delivery/ledger.ts";
import type { Destination } from "../destinations/destination.ts";
import { filter } from "../transforms/filter.ts";
import { compilePattern, type Pattern } from "../transforms/pattern.ts";

/** What an earlier try of the same event delivered or stored. */
const SETTLED_BEFORE = "settled before";

/** By their text. There are as many as settings. */
const patterns = new Map<string, Pattern>();

/**
 * Destinations in the same order: those of entries with a filter get the logs that it lets pass, those that have settled
 * the event before get nothing. The books of each say what it did not get.
 *
 * @param settled names of destinations; undefined: none has
 */
export function narrowed(
  destinations: readonly Destination[],
  { destinations: entries }: { destinations: readonly DestinationEntry[] },
  settled: ReadonlySet<string> | undefined,
  ledger: Ledger,
): Destination[] {
  return destinations.map((destination) => {
    const { name, backend, kind } = destination;
    // Of all, so that they stand in the ledger in their order.
    const books = booksOf(ledger, name);
    const entry = kind === "logs" ? entries.find((it) => it.name === backend) : undefined;
    const hasFilter = entry && (entry.include || entry.exclude);
    if (!hasFilter && !settled?.has(name)) return destination;
    books.skipped ??= {};
    const filtered = hasFilter ? withFilter(destination, entry, books.skipped) : destination;
    return settled?.has(name) ? withNothing(filtered, books.skipped) : filtered;
  });
}

function withFilter(
  destination: Destination,
  { include, exclude }: DestinationEntry,
  skipped: Record<string, number>,
): Destination {
  const keep = filter(
    { include: include ? patternOf(include) : undefined, exclude: exclude ? patternOf(exclude) : undefined },
    { include: "include", exclude: "exclude" },
  );
  return { ...destination, encode: (telemetry) => destination.encode(keep(telemetry, skipped)) };
}

function withNothing(destination: Destination, skipped: Record<string, number>): Destination {
  return {
    ...destination,
    encode(telemetry) {
      count(skipped, SETTLED_BEFORE, destination.encode(telemetry).count);
      return { count: 0, write: () => undefined };
    },
  };
}

/** It compiles: it was tried when the settings were read. */
function patternOf(text: string): Pattern {
  const known = patterns.get(text) ?? compilePattern(text);
  patterns.set(text, known);
  return known;
}
