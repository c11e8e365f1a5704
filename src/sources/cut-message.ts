/** What stays of an event that is too long. */

/** As JSON: with what a destination adds, less than Datadog takes. */
const MAX_CUT_BYTES = 900_000;
const TRUNCATION_MARK = "...TRUNCATED...";

/** @param front of the event, at least as much of it as stays */
export function cutMessage(front: Buffer): string {
  let end = Math.min(front.length, MAX_CUT_BYTES);
  for (;;) {
    // Half of a character at the end is no character.
    const message = front.toString("utf8", 0, end).replace(/\ufffd$/, "");
    const bytes = Buffer.byteLength(JSON.stringify(message));
    if (bytes <= MAX_CUT_BYTES) return message + TRUNCATION_MARK;
    end = Math.floor((end * MAX_CUT_BYTES * 0.99) / bytes);
  }
}
