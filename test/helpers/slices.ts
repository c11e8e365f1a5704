import type { LogEvent, Slice } from "../../src/telemetry.ts";

/** A slice of a log stream with these messages, and where they stand in it. */
export function aSlice(messages: string[]): { slice: Slice; logEvents: LogEvent[] } {
  const events = messages.map((message, index) => ({ id: String(index), timestamp: 1_795_226_069_000, message }));
  const parts = events.map((event) => Buffer.from(JSON.stringify(event)));
  const bytes = Buffer.from(`[${parts.join(",")}]`);
  const logEvents: LogEvent[] = [];
  let start = 1;
  for (const [index, part] of parts.entries()) {
    const end = start + part.length - 1;
    const escapedLength = Buffer.byteLength(JSON.stringify(messages[index])) - 2;
    logEvents.push({ start, message: end - 1 - escapedLength, messageEnd: end - 1, end });
    start = end + 2;
  }
  return { slice: { bytes, text: bytes.toString("latin1") }, logEvents };
}
