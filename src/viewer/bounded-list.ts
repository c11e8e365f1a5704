export interface BoundedList<Item> {
  add(item: Item, bytes: number): void;
  items(): Item[];
  clear(): void;
  /** How many items were dropped to make room, since the list exists. */
  dropped(): number;
}

/** A list that drops its oldest items when it has more than `maxItems` or more than `maxBytes`. */
export function boundedList<Item>(maxItems: number, maxBytes: number): BoundedList<Item> {
  let kept: { item: Item; bytes: number }[] = [];
  let oldest = 0;
  let bytesKept = 0;
  let dropped = 0;
  return { add, items: () => kept.slice(oldest).map(({ item }) => item), clear, dropped: () => dropped };

  function add(item: Item, bytes: number) {
    kept.push({ item, bytes });
    bytesKept += bytes;
    while (kept.length - oldest > maxItems || (bytesKept > maxBytes && kept.length - oldest > 1)) {
      bytesKept -= kept[oldest]?.bytes ?? 0;
      oldest++;
      dropped++;
    }
    // Cutting off the dropped half from time to time keeps adding cheap.
    if (oldest > maxItems) {
      kept = kept.slice(oldest);
      oldest = 0;
    }
  }

  function clear() {
    kept = [];
    oldest = 0;
    bytesKept = 0;
  }
}
