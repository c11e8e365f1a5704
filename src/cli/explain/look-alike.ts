/** Why a line that looks like a trace line is none. It asks the format's own reader, with parts of the line. */
import { isJsonObject } from "../../formats/json-object.ts";
import { createSpanTable } from "../../formats/span-table.ts";
import { readerOf, type TraceFormat } from "../../formats/trace-format.ts";
import type { LogEvent, Slice } from "../../telemetry.ts";

/** What else may be wrong with a line of whole JSON, by format. */
const OTHERS: Readonly<Record<string, string>> = {
  "otlp-stdout": "its payload is neither spans nor log records",
  "otlp-json": "it is no list of resourceSpans or resourceLogs, or a field of one cannot be what it is",
  "aws-spans": "a span needs a resource, a scope, ids and times, each of its type",
  xray: "a segment needs a name, an id, a trace_id of X-Ray's and times, each of its type",
  zipkin: "a span needs a traceId, an id, a localEndpoint and a timestamp in microseconds, each of its type",
};
/** Those that a span cannot be without. */
const IDS = ["trace_id", "span_id"];

/**
 * @param format that the message may be of, and whose reader refuses it; its reader is loaded
 * @returns a part of a sentence
 */
export function whyNot(format: TraceFormat, message: string): string {
  let line: unknown;
  try {
    line = JSON.parse(message);
  } catch {
    return "its JSON is cut short or damaged";
  }
  const other = OTHERS[format.name];
  if (other !== undefined) return other;
  if (!isJsonObject(line)) return "it is JSON, but no object";
  const { traces } = line;
  if (traces === undefined) return "a field is missing, or of a type that it cannot have";
  if (!Array.isArray(traces)) return "traces is no list";
  if (traces.length === 0) return "traces is empty";
  for (const [index, trace] of traces.entries()) {
    const where = traces.length === 1 ? "" : ` of list ${index + 1}`;
    if (!Array.isArray(trace)) return `trace ${index + 1} is no list of spans`;
    if (trace.length === 0) return `trace ${index + 1} has no spans`;
    for (const [at, span] of trace.entries()) {
      const problem = problemOf(format, span);
      if (problem) return `span ${at + 1}${where} ${problem}`;
    }
    if (!reads(format, [trace])) return `the spans of list ${index + 1} have more than one trace id`;
  }
  return "a field is of a type that it cannot have";
}

/** "" where the span is whole. */
function problemOf(format: TraceFormat, span: unknown): string {
  if (!isJsonObject(span)) return "is no object";
  if (reads(format, [[span]])) return "";
  const missing = IDS.filter((key) => span[key] === undefined || span[key] === null);
  if (missing.length > 0) return `has no ${missing.join(" and no ")}`;
  const wrong = Object.keys(span).filter((key) => {
    const { [key]: _, ...others } = span;
    return reads(format, [[IDS.includes(key) ? { ...others, [key]: "1" } : others]]);
  });
  return wrong.length > 0
    ? `has a ${wrong.join(" and a ")} that cannot be one`
    : "has more than one field that cannot be one";
}

function reads(format: TraceFormat, traces: unknown[]): boolean {
  const { event, slice } = sliceOf(JSON.stringify({ traces }));
  return readerOf(format).read(event, slice, createSpanTable()) !== undefined;
}

/** A slice with one event. */
function sliceOf(message: string): { event: LogEvent; slice: Slice } {
  const front = '{"id":"","timestamp":0,"message":';
  const bytes = Buffer.from(`${front}${JSON.stringify(message)}}    `);
  const end = bytes.lastIndexOf("}");
  const event = { start: 0, message: front.length + 1, messageEnd: end - 1, end };
  return { event, slice: { bytes, text: bytes.toString("latin1") } };
}
