/** When CloudWatch says that a log event was written. */
import type { Slice } from "../telemetry.ts";
import { isDigit, ZERO } from "./escaped-json.ts";

/** Of an event in the usual shape: its time stands right before the message. */
const BETWEEN = ',"message":"'.length;

/** @param message the first byte of its message @returns NaN where there is no time */
export function unixMsAt({ bytes }: Slice, message: number): number {
  let time = 0;
  let scale = 1;
  for (let at = message - BETWEEN - 1; scale <= 1e15 && isDigit(bytes[at] ?? 0); at--) {
    time += ((bytes[at] as number) - ZERO) * scale;
    scale *= 10;
  }
  return scale === 1 ? Number.NaN : time;
}
