/** Events of several lines, where it is known how each begins. */
import { isBlank, LINE_FEED } from "./content-bytes.ts";
import type { ContentCourse, Take } from "./content-course.ts";
import { MAX_EVENT_BYTES, MAX_TESTED_BYTES } from "./content-events.ts";
import { beginLong } from "./long-event.ts";

export const takeGroup: Take = (course, bytes, at, isLast) => {
  let from = at + course.grouped;
  for (;;) {
    const lineFeed = bytes.indexOf(LINE_FEED, from);
    const isTooLong = (lineFeed === -1 ? bytes.length : lineFeed) - at > MAX_EVENT_BYTES;
    if (lineFeed === -1) {
      if (isLast) return endGroup(course, bytes, at, bytes.length, bytes.length);
      if (isTooLong) return beginLong(course, bytes, at, false);
      course.grouped = from - at;
      return -1;
    }
    const lineEnd = bytes.indexOf(LINE_FEED, lineFeed + 1);
    const known = (lineEnd === -1 ? bytes.length : lineEnd) - lineFeed - 1;
    if (lineEnd === -1 && known < MAX_TESTED_BYTES && !isLast) {
      course.grouped = from - at;
      return -1;
    }
    const line = bytes.toString("utf8", lineFeed + 1, lineFeed + 1 + Math.min(known, MAX_TESTED_BYTES));
    if (isTooLong || (line && course.beginsEvent?.(line))) {
      return endGroup(course, bytes, at, lineFeed, lineFeed + 1);
    }
    from = lineFeed + 1;
  }
};

function endGroup(course: ContentCourse, bytes: Buffer, start: number, end: number, next: number): number {
  course.grouped = 0;
  let last = end;
  while (last > start && isBlank(bytes[last - 1])) last--;
  course.events.add(bytes, start, last);
  return next > start ? next : -1;
}
