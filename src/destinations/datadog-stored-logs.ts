/** Items of Datadog's logs intake that were stored, and are sent again later. */
import { isJsonObject } from "../formats/json-object.ts";
import { objectsIn, valuesIn } from "./json-parts.ts";

/**
 * The intake takes logs of the last 18 hours, and an item needs some minutes to get there.
 *
 * @see https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
const MAX_AGE_MS = (18 * 60 - 10) * 60_000;
/** No clock is further ahead. */
const MAX_AHEAD_MS = 24 * 60 * 60_000;
/** No time is longer. */
const MAX_TIME_BYTES = 64;
const RETRIED = "retry:true";
const ISO_TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const DIGITS = /^\d{1,16}(?:\.\d{1,9})?$/;

/**
 * The items of a body, byte for byte, each with the white space around it. They share the body's memory.
 *
 * @throws {Error} when the body is no JSON array of objects
 */
export function logsIn(body: Uint8Array): Uint8Array[] {
  const items = objectsIn(body);
  if (!items)
    throw new Error("the stored body is no JSON array of objects, as bodies of logs are: keep it for a person");
  return items.map(({ start, end }) => body.subarray(start, end));
}

/**
 * The item of a log that a Datadog Forwarder left behind: the JSON text of it, or the object itself. Undefined for
 * anything else.
 *
 * @throws {RangeError} when an object is nested deeper than can be written again
 */
export function logOf(element: unknown): Uint8Array | undefined {
  if (isJsonObject(element)) return Buffer.from(JSON.stringify(element));
  if (typeof element !== "string" || !isJsonObject(parse(element))) return undefined;
  // Half of a surrogate pair has no bytes in UTF-8; escaped it arrives as it was.
  return Buffer.from(element.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`));
}

/**
 * The item with a time that the intake takes. One that is too old gets the time of now, and the time it had as
 * `original_timestamp`, as it was written; if it has one already, that stays. The rest keeps its bytes.
 *
 * An item that is in time, or tells no time, is given back itself.
 */
export function inTime(item: Uint8Array, nowUnixMs: number): Uint8Array {
  const values = valuesIn(item);
  const timestamp = values?.get("timestamp");
  if (!values || !timestamp) return item;
  const { start, end } = timestamp;
  const time = item.subarray(start, end);
  const unixMs = time.length > MAX_TIME_BYTES ? undefined : unixMsOf(parse(Buffer.from(time).toString()), nowUnixMs);
  if (unixMs === undefined || nowUnixMs - unixMs <= MAX_AGE_MS) return item;
  const original = values.has("original_timestamp") ? [] : [Buffer.from(',"original_timestamp":'), time];
  return Buffer.concat([item.subarray(0, start), Buffer.from(String(nowUnixMs)), ...original, item.subarray(end)]);
}

/** The item with `retry:true` behind its tags, as the Datadog Forwarder has it. The rest keeps its bytes. */
export function retried(item: Uint8Array): Uint8Array {
  const tags = valuesIn(item)?.get("ddtags");
  if (!tags) return item;
  const { start, end } = tags;
  // What follows the text may be white space.
  const text = Buffer.from(item.subarray(start, end)).toString("latin1").trimEnd();
  if (!/^".*"$/s.test(text) || /[",]retry:true[",]/.test(text)) return item;
  const close = start + text.length - 1;
  const mark = Buffer.from(text === '""' ? RETRIED : `,${RETRIED}`);
  return Buffer.concat([item.subarray(0, close), mark, item.subarray(close)]);
}

/**
 * A number is seconds, or milliseconds where as seconds it would be far ahead. A text is either of them, or ISO 8601,
 * which is UTC unless it says a zone.
 */
function unixMsOf(time: unknown, nowUnixMs: number): number | undefined {
  if (typeof time === "number") return time * 1000 <= nowUnixMs + MAX_AHEAD_MS ? time * 1000 : time;
  if (typeof time !== "string") return undefined;
  if (DIGITS.test(time)) return unixMsOf(Number(time), nowUnixMs);
  const iso = ISO_TIME.exec(time);
  if (!iso) return undefined;
  const [, clock, zone] = iso;
  const unixMs = Date.parse(clock && !zone ? `${time}Z` : time);
  return Number.isNaN(unixMs) ? undefined : unixMs;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
