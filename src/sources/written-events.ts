/** Events that came as objects, written as log events: everything after a source reads bytes. */
import type { LogEvent, LogEventBatch, Resource } from "../telemetry.ts";
import { type Part, UnreadableEventError } from "./source.ts";

/** Of a part, before it is ended. */
const PART_BYTES = 64 * 1024;

/** What becomes a log event. */
export interface GivenEvent {
  /** Undefined: it has none. */
  id: string | undefined;
  /** Undefined: it is unknown. */
  timestampUnixMs: number | undefined;
  message: string;
  /** Written behind the message. */
  others?: Record<string, unknown> | undefined;
}

/**
 * The events in parts of about 64 KB, in order.
 *
 * @param account that owns what they come from, 12 digits; "" = unknown
 */
export function* partsOf(events: Iterable<GivenEvent>, resource: Resource, account: string): Generator<Part> {
  let written: Buffer[] = [];
  let logEvents: LogEvent[] = [];
  let start = 0;
  for (const given of events) {
    const { front, message, end } = write(given);
    const messageEnd = start + front.length + message.length;
    logEvents.push({ start, message: start + front.length, messageEnd, end: messageEnd + end.length - 1 });
    written.push(front, message, end, COMMA);
    start = messageEnd + end.length + COMMA.length;
    if (start < PART_BYTES) continue;
    yield part();
    written = [];
    logEvents = [];
    start = 0;
  }
  if (logEvents.length > 0) yield part();

  function part(): Part {
    const bytes = Buffer.concat(written);
    const batch: LogEventBatch = {
      owner: account,
      logGroup: "",
      logStream: "",
      slice: { bytes, text: bytes.toString("latin1") },
      logEvents,
      resource,
    };
    return { events: logEvents.length, dropped: {}, batches: [batch] };
  }
}

const COMMA = Buffer.from(",");

/** `end` begins with the quote that closes the message, and ends with the brace that closes the event. */
function write({ id, timestampUnixMs, message, others }: GivenEvent): Record<"front" | "message" | "end", Buffer> {
  const known = JSON.stringify({ id, timestamp: timestampUnixMs }).slice(1, -1);
  const further = others ? JSON.stringify(others).slice(1, -1) : "";
  return {
    front: Buffer.from(`{${known}${known && ","}"message":"`),
    message: Buffer.from(JSON.stringify(message).slice(1, -1)),
    end: Buffer.from(`"${further && ","}${further}}`),
  };
}

/** @throws {UnreadableEventError} when there is no writing it, because it nests deeper than the stack */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnreadableEventError("the event is nested too deeply");
  }
}

/** Milliseconds since 1970; undefined for what is no time. @param time ISO 8601, or milliseconds as text */
export function unixMsOf(time: unknown): number | undefined {
  const unixMs = typeof time !== "string" ? Number.NaN : /^\d{1,15}$/.test(time) ? Number(time) : Date.parse(time);
  return unixMs >= 0 ? unixMs : undefined;
}

/** The text; undefined for anything else. */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Longer ones AWS does not make. */
const MAX_ARN_LENGTH = 2_048;

/** The ARN; undefined for anything else. */
export function arnIn(value: unknown): string | undefined {
  return typeof value === "string" && value.startsWith("arn:") && value.length <= MAX_ARN_LENGTH ? value : undefined;
}

/**
 * What an ARN tells of the place its resource is in.
 *
 * @param arn `arn:partition:service:region:account:…`; of anything else nothing is known
 */
export function placeOf(arn: unknown): { region: string | undefined; account: string } {
  const [start, , , region, account] = typeof arn === "string" ? arn.split(":", 5) : [];
  return start === "arn" && account !== undefined ? { region, account } : { region: undefined, account: "" };
}

/** What is known of events of a service. @param others in OpenTelemetry's names; without those that are unknown */
export function resourceOf(
  source: string,
  account: string,
  region: string | undefined,
  others: Readonly<Record<string, string | undefined>> = {},
): Resource {
  const attributes: Record<string, string> = { "cloud.provider": "aws", "service.name": source };
  if (account) attributes["cloud.account.id"] = account;
  if (region) attributes["cloud.region"] = region;
  for (const [key, text] of Object.entries(others)) if (text) attributes[key] = text;
  return { attributes, source, tags: [], functionTags: [] };
}
