/** Which rows of a long list are in the document: those in sight, and a few besides. */

const BESIDES = 12;

/**
 * @param top how far the list is scrolled, and `height` how much of it is in sight, both in pixels
 * @returns `first` is the first row that is drawn, `end` is behind the last
 */
export function rowWindow(
  count: number,
  rowHeight: number,
  top: number,
  height: number,
): { first: number; end: number } {
  const first = Math.max(0, Math.min(count, Math.floor(top / rowHeight) - BESIDES));
  const end = Math.max(first, Math.min(count, Math.ceil((top + height) / rowHeight) + BESIDES));
  return { first, end };
}

/** How far to scroll so that a row is in sight: no further than needed. */
export function scrolledTo(row: number, rowHeight: number, top: number, height: number): number {
  const start = row * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : top;
}
