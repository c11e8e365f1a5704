/** The mark that forwarders leave in their own logs. */
import { GENERATION_KEY } from "../telemetry.ts";

/** V8 finds fewer than seven characters with `memchr` for the first, which is rare. */
const RARE = GENERATION_KEY.slice(0, 6);
/** A forwarder's line begins so; the same words inside of a line are somebody's text. */
const FRONT = '"message":"{\\"message\\":\\"ledger\\",\\"';
const MARK = new RegExp(`${GENERATION_KEY.replace(".", "\\.")}\\\\":(\\d{1,3}),`, "y");

/**
 * The highest generation in the lines of a slice, or -1 where no line is a forwarder's.
 *
 * @param text the slice, its messages JSON-escaped
 */
export function generationIn(text: string): number {
  let highest = -1;
  for (let at = text.indexOf(RARE); at !== -1; at = text.indexOf(RARE, at + 1)) {
    if (!text.startsWith(FRONT, at - FRONT.length)) continue;
    MARK.lastIndex = at;
    highest = Math.max(highest, Number(MARK.exec(text)?.[1] ?? -1));
  }
  return highest;
}
