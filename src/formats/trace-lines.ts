import type { LogEvent } from "../telemetry.ts";
import { BACKSLASH, OPENING_BRACE, SPACE } from "./escaped-json.ts";
import { traceFormats } from "./index.ts";
import { Needle } from "./needle.ts";
import type { TraceFormat } from "./trace-format.ts";

type Line = Pick<LogEvent, "message" | "messageEnd">;

const SEARCHED = [...new Set(traceFormats.map(({ needle }) => needle))];
/** How lines of Datadog's tracers begin. They are long, and full of what other formats are searched by. */
const PAYLOAD_START = '{\\"traces';

/**
 * Looks for the lines of all trace formats in one slice. Lines are asked for in their order.
 *
 * A slice without any costs one search for each needle, and a slice without JSON none: lines up to the first needle are
 * told by a comparison. The searches end in front of a line that begins as Datadog's do; in that line they are made only
 * where it is none of Datadog's.
 */
export class TraceLines {
  readonly #text: string;
  readonly #lines: readonly Line[];
  #needles: Needle[] = [];
  /** The needles are searched up to here: the end of the text, or the next line that begins as Datadog's do. */
  #end = 0;
  /** No needle begins between the line that was asked for last and here, which is the end at most. */
  #next = 0;

  /** @param lines their escaped messages, without quotes, in the text of the slice */
  constructor(text: string, lines: readonly Line[]) {
    this.#text = text;
    this.#lines = lines;
  }

  /** Whether a line may be of any format. */
  mayBe(index: number): boolean {
    const { message: from, messageEnd: to } = this.#lines[index] as Line;
    if (this.#next >= to || !isJson(this.#text, from)) return false;
    if (from > this.#end) this.#searchFrom(index);
    let next = this.#end;
    for (let at = 0; at < this.#needles.length; at++) {
      next = Math.min(next, (this.#needles[at] as Needle).firstFrom(from));
    }
    this.#next = next;
    return next < to;
  }

  /** Begins the searches, up to the first of the lines from one on that begins as Datadog's do. */
  #searchFrom(index: number): void {
    const [text, lines] = [this.#text, this.#lines];
    let next = index;
    while (next < lines.length && !beginsAsPayload(text, (lines[next] as Line).message)) next++;
    this.#end = lines[next]?.message ?? text.length;
    const searched = text.slice(0, this.#end);
    const needles: Needle[] = [];
    for (const [whole, rare] of SEARCHED) needles.push(new Needle(searched, whole, rare));
    this.#needles = needles;
  }
}

/** Whether a line that may be of any format may be of this one. */
export function mayBeOf({ needle, also }: TraceFormat, line: string): boolean {
  return line.includes(needle[0]) && also?.test(line) !== false;
}

/** Whether a line begins as JSON does: with a brace, an array of objects, or white space. */
function isJson(text: string, from: number): boolean {
  const first = text.charCodeAt(from);
  return first === OPENING_BRACE || first === BACKSLASH || first === SPACE || text.startsWith("[{", from);
}

/** Few keys have an `r` where this one has. */
function beginsAsPayload(text: string, from: number): boolean {
  return text[from + 4] === "r" && text.startsWith(PAYLOAD_START, from);
}
