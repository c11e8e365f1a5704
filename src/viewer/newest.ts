/** A place in a list that is sorted by time: `time.sequence`, both whole numbers. */
export interface Place {
  timeUnixNano: bigint;
  sequence: number;
}

export function printPlace({ timeUnixNano, sequence }: Place): string {
  return `${timeUnixNano}.${sequence}`;
}

/** Undefined where it is none; nanoseconds alone are one too. */
export function parsePlace(text: string): Place | undefined {
  const match = /^(-?\d{1,20})(?:\.(\d{1,15}))?$/.exec(text);
  return match ? { timeUnixNano: BigInt(match[1] as string), sequence: Number(match[2] ?? 0) } : undefined;
}

/**
 * The newest of many that are found in no order, newest first, and whether there are more.
 *
 * @param before only what is older
 * @param isWanted asked only about items that are new enough
 */
export function newestOf<Item>(
  items: Iterable<Item>,
  placeOf: (item: Item) => Place,
  isWanted: (item: Item) => boolean,
  limit: number,
  before?: Place,
): { items: Item[]; next: string | null } {
  let kept: { item: Item; place: Place }[] = [];
  let isMore = false;
  /** That nothing older than this can be among the newest. */
  let floor: Place | undefined;
  for (const item of items) {
    const place = placeOf(item);
    if ((before && !isOlder(place, before)) || !isWantedAt(item, place)) continue;
    kept.push({ item, place });
    if (kept.length < limit * 2) continue;
    cut();
  }
  cut();
  const last = kept.at(-1)?.place;
  return { items: kept.map(({ item }) => item), next: isMore && last ? printPlace(last) : null };

  function isWantedAt(item: Item, place: Place): boolean {
    // Once there are enough and more, it makes no difference how many more.
    if (floor && isOlder(place, floor)) return false;
    return isWanted(item);
  }

  function cut() {
    kept.sort((a, b) => (isOlder(a.place, b.place) ? 1 : -1));
    if (kept.length <= limit) return;
    isMore = true;
    kept = kept.slice(0, limit);
    floor = kept.at(-1)?.place;
  }
}

function isOlder(a: Place, b: Place): boolean {
  return a.timeUnixNano === b.timeUnixNano ? a.sequence < b.sequence : a.timeUnixNano < b.timeUnixNano;
}
