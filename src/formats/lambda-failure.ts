/** Cheap looks for a timeout, or for memory that ran out. `lambda-failure-reader.ts` reads what they find. */
import { Needle } from "./needle.ts";

/** Behind the time and the request id, which have as many characters in all lines of the platform. */
const TIMEOUT = " Task timed out after ";
const TIMEOUT_AT = "2026-11-21T01:51:12.822Z 276ff3b9-1609-4ee7-a288-db3752630767".length;

/** Each is in the lines of several runtimes. */
const OUT_OF_MEMORY = ["out of memory", "MemoryError"] as const;
/** Parts of them that V8 finds with `memchr`: fewer than seven characters, the first a rare one. */
const RARE = ["f memo", "yError"] as const;

/** Whether the escaped message at a position of a text may tell of a timeout. */
export function mayBeTimeout(text: string, message: number): boolean {
  return text.startsWith(TIMEOUT, message + TIMEOUT_AT);
}

/** Whether a line of a slice may tell of memory that ran out. @param text of the slice */
export function mayTellOutOfMemory(text: string): boolean {
  return RARE.some((part) => text.includes(part));
}

/** What lines that may tell of it have in them; none where no line of the slice does. */
export function outOfMemoryNeedles(text: string): Needle[] {
  return mayTellOutOfMemory(text) ? OUT_OF_MEMORY.map((part, index) => new Needle(text, part, RARE[index])) : [];
}
