/** An event that is too long: its front is kept, and how long it was. */
import { LINE_FEED } from "./content-bytes.ts";
import type { ContentCourse, LongEvent, Take } from "./content-course.ts";
import { MAX_EVENT_BYTES } from "./content-events.ts";

/** It begins at `start`, and takes all there is. */
export function beginLong(course: ContentCourse, bytes: Buffer, start: number, isJson: boolean): number {
  const { mode, extent } = course;
  course.long = {
    front: Buffer.from(bytes.subarray(start, start + MAX_EVENT_BYTES)),
    bytes: bytes.length - start,
    isJson,
    back: mode === "elements" || mode === "group" ? mode : "top",
  };
  if (isJson) extent.forget();
  course.grouped = 0;
  course.mode = "long";
  return bytes.length;
}

export const takeLong: Take = (course, bytes, at, isLast) => {
  const { extent } = course;
  const long = course.long as LongEvent;
  const lineFeed = bytes.indexOf(LINE_FEED, at);
  let end = lineFeed;
  if (long.isJson) {
    const found = extent.scan(bytes, at);
    extent.forget();
    end = found ? ("end" in found ? found.end : found.brokenAt) : -1;
    if (long.back === "top" && lineFeed !== -1 && (end === -1 || lineFeed < end)) end = lineFeed;
  }
  const stop = end === -1 ? bytes.length : end;
  long.bytes += stop - at;
  if (end === -1 && !isLast) return stop === at ? -1 : stop;
  course.become(long.back);
  course.long = undefined;
  course.events.addCut(long.front, long.bytes);
  return stop;
};
