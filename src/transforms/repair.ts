/**
 * Repairs lines that have a payload in them and are none. Loaded by the first.
 *
 * - `gluedLine`: several things in one event, because somebody printed one without a line feed
 * - `wrappedLine`: a payload as the message of Lambda's JSON log format
 * - `cutLine`: a payload that was cut at the limit of an event, and goes on in the next events of the stream
 *
 * What is left when the payloads are taken out are logs. A line in which no whole payload is found stays what it was.
 */
import { type Effort, type Extent, GluedJson } from "../formats/glued-json.ts";
import { messageIn } from "../formats/message.ts";
import { mayBeWrapped, messageInWrapped } from "../formats/wrapped-message.ts";
import type { LogEvent, LogEventBatch, ResourceTelemetry, Slice } from "../telemetry.ts";

/** Of Lambda's largest slice, at 256 KB an event, and some. */
const MAX_EVENTS_JOINED = 32;
/** Characters looked at, for each of a slice. */
const EFFORT = 4;
/** What may hold the keys of a backend beside the payload. */
const SECRETIVE = "__otel_otlp_stdout";
const BLANK = /^(?:\s|\\[nrt])*$/;
/** What stands behind a slice's last event, for readers that look at several bytes at once. */
const END = Buffer.from("]}    ");

/** What stands in place of one or more events. */
interface Repaired {
  /** Of the first and the last event. */
  first: number;
  last: number;
  /** Escaped messages, one for each event that there is to be. */
  pieces: string[];
  reasons: string[];
}

/** A whole object in a line, as it stands there or as what it wraps. */
interface Candidate extends Extent {
  piece: string;
  isWrapped: boolean;
}

/**
 * The telemetry of a slice with its lines repaired.
 *
 * @param telemetry what `splitOf` made of it
 * @param splitOf takes a slice apart; what it gave before is lost
 */
export function repair(
  batch: LogEventBatch,
  telemetry: ResourceTelemetry,
  splitOf: (batch: LogEventBatch) => ResourceTelemetry,
): ResourceTelemetry {
  const effort: Effort = { left: EFFORT * batch.slice.text.length };
  const repairs: Repaired[] = [];
  let isTried = false;
  let next = 0;
  for (const index of telemetry.suspects ?? []) {
    if (index < next || effort.left < 0) continue;
    const found = repairedAt(index);
    if (!found) continue;
    repairs.push(found);
    next = found.last + 1;
  }
  if (!isTried) return telemetry;
  if (repairs.length === 0) return splitOf(batch);
  const { logEvents, indexes, slice } = rewritten(batch, repairs);
  const whole = splitOf({ ...batch, slice, logEvents });
  for (const item of [...whole.logs, ...whole.tracePayloads]) item.index = indexes[item.index] as number;
  const repaired: Record<string, number> = {};
  for (const reason of repairs.flatMap(({ reasons }) => reasons)) repaired[reason] = (repaired[reason] ?? 0) + 1;
  const joined = sum(repairs, ({ first, last }) => last - first);
  return {
    ...whole,
    unpacked: (whole.unpacked ?? 0) + sum(repairs, ({ pieces }) => pieces.length - 1),
    ...(joined > 0 && { dropped: { ...whole.dropped, joinedLine: joined } }),
    repaired,
  };

  function repairedAt(first: number): Repaired | undefined {
    const { text, objects, ends } = readFrom(batch, first, effort);
    const candidates = objects.flatMap((extent) => candidatesIn(text, extent));
    const [only] = candidates;
    // The whole line was read already.
    if (!only || (candidates.length === 1 && isAlone(text.slice(0, ends[0]), only))) return undefined;
    isTried = true;
    const event = batch.logEvents[first] as LogEvent;
    const probe = splitOf(
      batchOf(
        batch,
        candidates.map(({ piece }) => piece),
        event,
      ),
    );
    if (probe.dropped?.unreadableOtlp) return undefined;
    const logs = new Set(probe.logs.filter(({ otlp, body }) => !otlp && body === null).map(({ index }) => index));
    // Of an object and what it wraps the first counts.
    const taken = candidates.filter(
      ({ from }, at) => !logs.has(at) && (logs.has(at - 1) || candidates[at - 1]?.from !== from),
    );
    const to = taken.at(-1)?.to;
    if (to === undefined) return undefined;
    const last = ends.findIndex((end) => to <= end);
    const pieces = piecesOf(text.slice(0, ends[last]), taken);
    if (!pieces) return undefined;
    const reasons = [
      ...(pieces.length > 1 ? ["gluedLine"] : []),
      ...(taken.some(({ isWrapped }) => isWrapped) ? ["wrappedLine"] : []),
      ...(last > 0 ? ["cutLine"] : []),
    ];
    return { first, last: first + last, pieces, reasons };
  }
}

/**
 * A line, and the events that go on with it as long as it has an object that is open.
 *
 * @returns `ends`: where each event ends in the text
 */
function readFrom({ slice, logEvents }: LogEventBatch, first: number, effort: Effort) {
  const glued = new GluedJson(effort);
  const parts: string[] = [];
  const ends: number[] = [];
  for (let index = first; index < logEvents.length && parts.length < MAX_EVENTS_JOINED; index++) {
    const { message, messageEnd } = logEvents[index] as LogEvent;
    const part = slice.text.slice(message, messageEnd);
    glued.add(part);
    parts.push(part);
    ends.push(glued.length);
    if (!glued.isOpen) break;
  }
  return { text: parts.join(""), objects: glued.objects, ends };
}

function candidatesIn(text: string, { from, to }: Extent): Candidate[] {
  const piece = text.slice(from, to);
  const candidates = [{ from, to, piece, isWrapped: false }];
  if (mayBeWrapped(piece)) {
    const bytes = Buffer.from(piece, "latin1");
    const inner = messageInWrapped(messageIn({ message: 0, messageEnd: bytes.length }, { bytes, text: piece }));
    if (inner !== undefined) {
      const escaped = Buffer.from(JSON.stringify(inner).slice(1, -1)).toString("latin1");
      candidates.push({ from, to, piece: escaped, isWrapped: true });
    }
  }
  return candidates;
}

function isAlone(line: string, { from, to }: Extent): boolean {
  return to <= line.length && BLANK.test(line.slice(0, from)) && BLANK.test(line.slice(to));
}

/** The payloads and what stands between them; undefined where that may not be shown. */
function piecesOf(text: string, payloads: readonly Candidate[]): string[] | undefined {
  const pieces: string[] = [];
  let at = 0;
  for (const { from, to, piece } of payloads) {
    if (!addText(text.slice(at, from))) return undefined;
    pieces.push(piece);
    at = to;
  }
  return addText(text.slice(at)) ? pieces : undefined;

  function addText(rest: string): boolean {
    if (!BLANK.test(rest)) pieces.push(rest);
    return !rest.includes(SECRETIVE);
  }
}

/** The slice with other events in place of those that were repaired; `indexes` tells which they were. */
function rewritten(batch: LogEventBatch, repairs: readonly Repaired[]) {
  const writer = new SliceWriter(batch.slice);
  const indexes: number[] = [];
  let at = 0;
  for (const { first, last, pieces } of repairs) {
    copyTo(first);
    for (const piece of pieces) {
      writer.add(batch.logEvents[first] as LogEvent, piece);
      indexes.push(first);
    }
    at = last + 1;
  }
  copyTo(batch.logEvents.length);
  return { ...writer.end(), indexes };

  function copyTo(end: number): void {
    for (; at < end; at++) {
      writer.add(batch.logEvents[at] as LogEvent);
      indexes.push(at);
    }
  }
}

/** Each piece as an event like the given one. */
function batchOf(batch: LogEventBatch, pieces: readonly string[], like: LogEvent): LogEventBatch {
  const writer = new SliceWriter(batch.slice);
  for (const piece of pieces) writer.add(like, piece);
  return { ...batch, ...writer.end() };
}

class SliceWriter {
  readonly #bytes: Buffer;
  readonly #parts: Buffer[] = [];
  readonly #logEvents: LogEvent[] = [];
  #length = 0;

  constructor({ bytes }: Slice) {
    this.#bytes = bytes;
  }

  /** @param message instead of the event's, escaped */
  add({ start, message, messageEnd, end }: LogEvent, piece?: string): void {
    const at = this.#length;
    const written = piece === undefined ? this.#bytes.subarray(message, messageEnd) : Buffer.from(piece, "latin1");
    const first = at + message - start;
    const last = first + written.length;
    this.#logEvents.push({ start: at, message: first, messageEnd: last, end: last + end - messageEnd });
    this.#parts.push(this.#bytes.subarray(start, message), written, this.#bytes.subarray(messageEnd, end), CLOSING);
    this.#length = last + end - messageEnd + CLOSING.length;
  }

  end(): { slice: Slice; logEvents: LogEvent[] } {
    const bytes = Buffer.concat([...this.#parts, END]);
    return { slice: { bytes, text: bytes.toString("latin1") }, logEvents: this.#logEvents };
  }
}

const CLOSING = Buffer.from("},");

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
