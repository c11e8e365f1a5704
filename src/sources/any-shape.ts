/** A delivery of any shape: parsed whole, its events written again in the shape CloudWatch usually writes. */
import { type Envelope, envelopeIn, isObject } from "./envelope.ts";
import { type Origin, UnreadableEventError } from "./source.ts";
import { findQuote, NEXT_EVENT } from "./usual-shape.ts";

/** The same objects in a list, but not taken for events. */
const SPACED_OBJECT = '}, {"id":"';

/** Log group and stream, where the front of a damaged envelope tells them. */
export function originIn(text: string): Origin {
  const front = text.slice(0, 4096);
  return {
    logGroup: /"logGroup"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(front)?.[1],
    logStream: /"logStream"\s{0,8}:\s{0,8}"([^"\\]{1,512})"/.exec(front)?.[1],
  };
}

/** @throws {UnreadableEventError} */
export function parseEnvelope(given: string): { envelope: Envelope; events: unknown[] } {
  const text = given.trim();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const problem = isCut(text) ? "the delivery is cut short: its JSON has no end" : "the delivery is not JSON";
    throw new UnreadableEventError(problem, originIn(text));
  }
  const envelope = envelopeIn(parsed);
  const { logGroup, logStream, logEvents: events } = isObject(parsed) ? parsed : {};
  if (envelope && Array.isArray(events)) return { envelope, events };
  throw new UnreadableEventError(
    "the delivery is JSON but not of CloudWatch Logs: it has no messageType, logGroup, logStream or logEvents",
    {
      logGroup: typeof logGroup === "string" ? logGroup : undefined,
      logStream: typeof logStream === "string" ? logStream : undefined,
    },
  );
}

/** Whether an object begins that never ends. */
function isCut(text: string): boolean {
  if (!text.startsWith("{")) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    else if (char === '"') {
      at = findQuote(text, at + 1);
      if (at === -1) return true;
    }
    if (depth === 0) return false;
  }
  return true;
}

/**
 * The events in the usual shape, up to the end of the delivery.
 *
 * @throws {UnreadableEventError} when there is no writing them again, because they nest deeper than the stack
 */
export function rewritten(events: unknown[], envelope: Envelope): Buffer {
  try {
    return Buffer.from(`${events.map(writeEvent).join(",")}]}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnreadableEventError("the delivery is nested too deeply", envelope);
  }
}

/** What is not an event of CloudWatch's becomes the message of one. */
function writeEvent(event: unknown): string {
  const given: Record<string, unknown> = isObject(event) ? event : { message: event };
  const { id, timestamp, message, ...others } = given;
  const time = Number.isSafeInteger(timestamp) && (timestamp as number) >= 0 ? timestamp : 0;
  // Not within a text, where quotes stand behind backslashes.
  const further = JSON.stringify(others).slice(1, -1).replaceAll(NEXT_EVENT, SPACED_OBJECT);
  const fields = `"id":${JSON.stringify(textOf(id ?? ""))},"timestamp":${time},"message":${JSON.stringify(textOf(message))}`;
  return `{${fields}${further && `,${further}`}}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
