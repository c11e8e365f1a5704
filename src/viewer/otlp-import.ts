import type { Readable } from "node:stream";
import type { ApiImport } from "./api-types.ts";
import { type Read, readLogs, readSpans } from "./otlp-reader.ts";
import type { Store } from "./store.ts";

const MAX_PROBLEMS = 10;
const NEWLINE = 0x0a;

/**
 * Reads lines of OTLP/JSON, `{"resourceSpans":…}` or `{"resourceLogs":…}` or both, as they come. A line that cannot be used
 * costs its neighbours nothing.
 *
 * @param maxLineBytes a longer line is not used
 */
export async function importLines(
  input: Readable,
  store: Store,
  maxLineBytes: number,
  nowMs = Date.now(),
): Promise<ApiImport> {
  const result: ApiImport = { spans: 0, logs: 0, rejected: 0, problems: [] };
  let number = 0;
  for await (const line of linesOf(input, maxLineBytes)) {
    number++;
    if (line === undefined) reject(1, `over ${maxLineBytes} bytes`);
    else if (line.trim() !== "") take(line);
  }
  return result;

  function take(line: string) {
    try {
      const json = JSON.parse(line) as Record<string, unknown> | null;
      const hasSpans = json?.resourceSpans !== undefined;
      const hasLogs = json?.resourceLogs !== undefined;
      if (!hasSpans && !hasLogs) return reject(1, "neither resourceSpans nor resourceLogs");
      if (hasSpans) {
        const spans = taken(readSpans(json));
        store.addSpans(spans);
        result.spans += spans.length;
      }
      if (hasLogs) {
        const logs = taken(readLogs(json, nowMs));
        store.addLogs(logs);
        result.logs += logs.length;
      }
    } catch (error) {
      reject(1, error instanceof SyntaxError ? "not JSON" : (error as Error).message);
    }
  }

  function taken<Item>({ items, rejected, problem }: Read<Item>): Item[] {
    if (rejected > 0) reject(rejected, problem);
    return items;
  }

  function reject(count: number, problem: string) {
    result.rejected += count;
    if (result.problems.length < MAX_PROBLEMS) result.problems.push(`line ${number}: ${problem}`);
  }
}

/** Undefined stands for a line that is too long. */
async function* linesOf(input: Readable, maxBytes: number): AsyncGenerator<string | undefined> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, at));
      yield line();
      start = at + 1;
    }
    keep(chunk.subarray(start));
  }
  if (bytes > 0) yield line();

  function keep(part: Buffer) {
    bytes += part.length;
    if (bytes <= maxBytes) pending.push(part);
    else pending = [];
  }

  function line(): string | undefined {
    const text = bytes <= maxBytes ? Buffer.concat(pending).toString("utf8") : undefined;
    pending = [];
    bytes = 0;
    return text;
  }
}
