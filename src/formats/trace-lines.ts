import type { LogEvent } from "../telemetry.ts";
import { BACKSLASH, OPENING_BRACE, SPACE } from "./escaped-json.ts";
import { traceFormats } from "./index.ts";
import { Needle } from "./needle.ts";
import type { TraceFormat } from "./trace-format.ts";

type Line = Pick<LogEvent, "message" | "messageEnd">;

const NONE: readonly TraceFormat[] = [];
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

  /** The formats that a line may be of, in the order in which they are to be asked. */
  formatsOf(index: number): Iterable<TraceFormat> {
    const [text, lines] = [this.#text, this.#lines];
    const { message: from, messageEnd: to } = lines[index] as Line;
    if (this.#next >= to || !isJson(text, from)) return NONE;
    if (from > this.#end) {
      let next = index;
      while (lines[next] && !beginsAsPayload(text, (lines[next] as Line).message)) next++;
      this.#end = lines[next]?.message ?? text.length;
      const searched = text.slice(0, this.#end);
      this.#needles = SEARCHED.map((needle) => new Needle(searched, ...needle));
    }
    this.#next = Math.min(this.#end, ...this.#needles.map((needle) => needle.firstFrom(from)));
    return this.#next < to ? formatsIn(text.slice(from, to)) : NONE;
  }
}

/** The same of one line; each is looked for when those in front of it have been asked. */
function* formatsIn(line: string): Iterable<TraceFormat> {
  for (const format of traceFormats) {
    const { needle, also } = format;
    if (line.includes(needle[0]) && also?.test(line) !== false) yield format;
  }
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
