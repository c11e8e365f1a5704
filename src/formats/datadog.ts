/**
 * Trace payload lines of Datadog's tracers: `{"traces":[[span, …], …]}`.
 *
 * Every tracer writes them a little differently: a space after the colon or none, ids in upper or lower case, padded or
 * not, 64 or 128 bits, as text or as numbers, fields left out or null. A line is taken for what it is only when every
 * span in it is whole; anything else stays a log.
 *
 * @see https://github.com/DataDog/dd-trace-js/blob/master/packages/dd-trace/src/exporters/log/index.js
 */
import { BACKSLASH } from "./escaped-json.ts";
import type { TraceFormat } from "./trace-format.ts";

const KEY = '\\"traces\\"';
/** A part of it without its first characters, which are all over JSON inside JSON and so slow to look for. */
const [PART, PART_AT] = ["traces\\", 2];
const SPACE = 0x20;
const OPENING_BRACE = 0x7b;

export const datadogTraces: TraceFormat = {
  name: "datadog",
  mayBe(text, from, to) {
    const first = text.charCodeAt(from);
    if (first !== OPENING_BRACE && first !== BACKSLASH && first !== SPACE) return false;
    return text.startsWith(KEY, from + 1) || hasKey(text.slice(from, to));
  },
  load: async () => (await import("./datadog-reader.ts")).reader,
};

function hasKey(line: string): boolean {
  let at = line.indexOf(PART);
  while (at !== -1 && !line.startsWith(KEY, at - PART_AT)) at = line.indexOf(PART, at + 1);
  return at !== -1;
}
