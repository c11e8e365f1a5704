/** What stands between events: lines, and objects of JSON. */
import {
  afterBlank,
  BRACE,
  BRACKET,
  CLOSING_BRACE,
  COMMA,
  isBlankInLine,
  LINE_FEED,
  QUOTE,
  RETURN,
} from "./content-bytes.ts";
import type { ContentCourse, Take } from "./content-course.ts";
import { MAX_EVENT_BYTES, MAX_TESTED_BYTES } from "./content-events.ts";
import { HEAD_BYTES, isEnvelopeHead, recordsHeadLength } from "./content-heads.ts";
import { JsonExtent } from "./json-extent.ts";
import { beginLong } from "./long-event.ts";

const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/** Decides what kind of content it is where that is said once. */
export const takeStart: Take = (course, bytes, at, isLast) => {
  if (bytes.length - at < MAX_TESTED_BYTES && !isLast) return -1;
  const start = bytes.indexOf(BYTE_ORDER_MARK, at) === at ? at + BYTE_ORDER_MARK.length : at;
  if (course.beginsEvent?.(bytes.toString("utf8", start, start + MAX_TESTED_BYTES))) {
    course.become("group");
    return start;
  }
  const first = afterBlank(bytes, start);
  const second = bytes[first] === BRACKET ? afterBlank(bytes, first + 1) : bytes.length;
  const third = bytes[second] === BRACE ? bytes[afterBlank(bytes, second + 1)] : undefined;
  if (third === QUOTE || third === CLOSING_BRACE) {
    course.isInObject = false;
    course.become("elements");
    return first + 1;
  }
  course.become("top");
  return start;
};

export const takeTop: Take = (course, bytes, at, isLast) => {
  const start = afterBlank(bytes, at);
  if (start === bytes.length) {
    if (isLast || start - at > MAX_EVENT_BYTES) return start === at ? -1 : start;
    return -1;
  }
  const lineStart = at + bytes.subarray(at, start).lastIndexOf(LINE_FEED) + 1;
  const isText = course.base + (start - at) < course.textUntil;
  if (bytes[start] !== BRACE || isText) return takeLine(course, bytes, at, lineStart, isLast);
  const inner = afterBlank(bytes, start + 1);
  if (inner === bytes.length && !isLast && inner - start < MAX_TESTED_BYTES) return -1;
  if (bytes[inner] !== QUOTE && bytes[inner] !== CLOSING_BRACE) return takeLine(course, bytes, at, lineStart, isLast);
  return takeObject(course, bytes, at, lineStart, start, isLast);
};

/** An object, or what only begins as one. @param start of the object */
function takeObject(
  course: ContentCourse,
  bytes: Buffer,
  at: number,
  lineStart: number,
  start: number,
  isLast: boolean,
): number {
  const { extent } = course;
  const isNew = extent.seen === 0;
  if (isNew || bytes.length - start <= 2 * HEAD_BYTES) {
    const isWhole = bytes.length - start >= HEAD_BYTES || isLast;
    const head = bytes.toString("latin1", start, start + HEAD_BYTES);
    if (isEnvelopeHead(head)) {
      course.become("envelope");
      course.events.header.end();
      return start;
    }
    const length = recordsHeadLength(head);
    if (length > 0) {
      course.isInObject = true;
      course.become("elements");
      return start + length;
    }
    // The list may still come where the value goes on behind what is there.
    if (!isWhole && !isWholeValue(bytes, start)) return -1;
  }
  const found = extent.scan(bytes, start);
  if (found && "end" in found) return afterObject(course, bytes, at, lineStart, start, found.end, isLast);
  const brokenAt = found?.brokenAt ?? (isLast ? bytes.length : -1);
  const hasLines = bytes.subarray(start, brokenAt === -1 ? undefined : brokenAt).includes(LINE_FEED);
  if (brokenAt === -1) {
    if (bytes.length - start <= MAX_EVENT_BYTES) return -1;
    if (!hasLines) return beginLong(course, bytes, start, true);
  }
  extent.reset();
  course.textUntil = course.base + ((brokenAt === -1 ? bytes.length : brokenAt) - at);
  return takeLine(course, bytes, at, lineStart, isLast);
}

function afterObject(
  course: ContentCourse,
  bytes: Buffer,
  at: number,
  lineStart: number,
  start: number,
  end: number,
  isLast: boolean,
): number {
  let behind = end;
  while (behind < bytes.length && isBlankInLine(bytes[behind])) behind++;
  if (bytes[behind] === COMMA) behind++;
  while (behind < bytes.length && isBlankInLine(bytes[behind])) behind++;
  course.extent.reset();
  // The scan is short, or is made once more at the end of a piece.
  if (behind === bytes.length && !isLast && behind - end < MAX_TESTED_BYTES) return -1;
  const isAlone = behind === bytes.length || bytes[behind] === LINE_FEED || bytes[behind] === BRACE;
  if (!isAlone && !bytes.subarray(start, end).includes(LINE_FEED)) {
    return takeLine(course, bytes, at, lineStart, isLast);
  }
  course.events.add(bytes, start, end);
  return isAlone ? behind : end;
}

/** @param lineStart where the line begins, with the blanks it is indented by */
function takeLine(course: ContentCourse, bytes: Buffer, at: number, lineStart: number, isLast: boolean): number {
  const lineFeed = bytes.indexOf(LINE_FEED, lineStart);
  if (lineFeed === -1 && !isLast) {
    return bytes.length - lineStart <= MAX_EVENT_BYTES ? -1 : beginLong(course, bytes, lineStart, false);
  }
  const end = lineFeed === -1 ? bytes.length : lineFeed;
  const last = bytes[end - 1] === RETURN ? end - 1 : end;
  course.extent.reset();
  course.events.addLine(bytes, lineStart, last, course.base);
  return Math.max(end, at + 1);
}

function isWholeValue(bytes: Buffer, start: number): boolean {
  return new JsonExtent().scan(bytes, start) !== undefined;
}
