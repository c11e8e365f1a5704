/** A list whose elements are the events, and what stands behind it in the object that it may be in. */
import { BRACE, BRACKET, CLOSING_BRACE, CLOSING_BRACKET, COMMA, isBlank, QUOTE } from "./content-bytes.ts";
import type { Take } from "./content-course.ts";
import { MAX_EVENT_BYTES } from "./content-events.ts";
import { beginLong } from "./long-event.ts";

export const takeElement: Take = (course, bytes, at, isLast) => {
  const { extent } = course;
  let start = at;
  while (start < bytes.length && (isBlank(bytes[start]) || bytes[start] === COMMA)) start++;
  if (start === bytes.length) return start === at ? -1 : start;
  const first = bytes[start];
  if (first === CLOSING_BRACKET) {
    course.become(course.isInObject ? "tail" : "top");
    return start + 1;
  }
  const isScalar = first !== BRACE && first !== BRACKET && first !== QUOTE;
  const found = isScalar ? scalarExtent(bytes, start) : extent.scan(bytes, start);
  if (found && "end" in found) {
    extent.reset();
    course.events.add(bytes, start, found.end);
    return found.end;
  }
  if (!found && !isLast) {
    return bytes.length - start <= MAX_EVENT_BYTES ? -1 : beginLong(course, bytes, start, !isScalar);
  }
  // The list is damaged: from here on there are lines.
  course.become("top");
  course.textUntil = course.base + ((found?.brokenAt ?? bytes.length) - at);
  return start;
};

/** The members behind the list say nothing that is a log. */
export const takeTail: Take = (course, bytes, at, isLast) => {
  const { extent } = course;
  for (let end = at; end < bytes.length; end++) {
    if (bytes[end] === QUOTE || bytes[end] === BRACE || bytes[end] === BRACKET) {
      const found = extent.scan(bytes, end);
      if (!found && !isLast) {
        extent.reset();
        if (bytes.length - end <= MAX_EVENT_BYTES) return end === at ? -1 : end;
      }
      extent.reset();
      if (!found || "brokenAt" in found) {
        course.become("top");
        return end;
      }
      end = found.end - 1;
    } else if (bytes[end] === CLOSING_BRACE) {
      course.become("top");
      return end + 1;
    }
  }
  return at === bytes.length ? -1 : bytes.length;
};

function scalarExtent(bytes: Buffer, start: number): { end: number } | undefined {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === COMMA || byte === CLOSING_BRACKET || byte === CLOSING_BRACE || isBlank(byte)) {
      return { end: Math.max(at, start + 1) };
    }
  }
  return undefined;
}
