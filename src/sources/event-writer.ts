/** Events that are told one after the other, written as log events into memory that is used again. */
import type { LogEvent, LogEventBatch, Resource } from "../telemetry.ts";
import type { Part } from "./source.ts";

/** Of a part, before it is ended. */
const PART_BYTES = 64 * 1024;

/** What is the same for all events. */
export interface EventContext {
  id?: string | undefined;
  timestampUnixMs?: number | undefined;
  /** Members written behind the message. */
  members?: Readonly<Record<string, unknown>> | undefined;
}

export class EventWriter {
  readonly #resource: Resource;
  readonly #account: string;
  readonly #front: string;
  readonly #behind: string;
  #bytes = Buffer.allocUnsafe(2 * PART_BYTES);
  #length = 0;
  #logEvents: LogEvent[] = [];
  #dropped: Record<string, number> = {};
  #droppedCount = 0;

  /**
   * @param account that owns what the events come from, 12 digits; "" = unknown
   * @param context of every event
   */
  constructor(resource: Resource, account: string, { id, timestampUnixMs, members }: EventContext = {}) {
    this.#resource = resource;
    this.#account = account;
    const known = JSON.stringify({ id, timestamp: timestampUnixMs }).slice(1, -1);
    this.#behind = membersText(members);
    this.#front = `{${known}${known && ","}"message":`;
  }

  get isFull(): boolean {
    return this.#length >= PART_BYTES;
  }

  /** @param others members written behind the message */
  add(message: string, others?: Record<string, unknown>): void {
    const json = JSON.stringify(message);
    const further = others ? membersText(others) + this.#behind : this.#behind;
    this.#reserve(this.#front.length + 3 * (json.length + further.length) + 8);
    const start = this.#length;
    const bytes = this.#bytes;
    let at = start + bytes.write(this.#front, start, "latin1");
    const first = at + 1;
    at += bytes.write(json, at);
    const messageEnd = at - 1;
    at += bytes.write(further, at);
    this.#logEvents.push({ start, message: first, messageEnd, end: at });
    at += bytes.write("},", at, "latin1");
    this.#length = at;
  }

  /** Counts what is no log. */
  drop(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
    this.#droppedCount++;
  }

  /** What was added since the last; valid until more is added. Nothing where there is nothing. */
  *take(): Generator<Part> {
    const logEvents = this.#logEvents;
    const events = logEvents.length + this.#droppedCount;
    if (events === 0) return;
    const bytes = this.#bytes.subarray(0, this.#length);
    const batch: LogEventBatch = {
      owner: this.#account,
      logGroup: "",
      logStream: "",
      slice: { bytes, text: bytes.toString("latin1") },
      logEvents,
      resource: this.#resource,
    };
    const part = { events, dropped: this.#dropped, batches: logEvents.length > 0 ? [batch] : [] };
    this.#logEvents = [];
    this.#dropped = {};
    this.#droppedCount = 0;
    this.#length = 0;
    yield part;
    // One long event must not keep its memory for all that follow.
    if (this.#bytes.length > 32 * PART_BYTES) this.#bytes = Buffer.allocUnsafe(2 * PART_BYTES);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#length + more, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** As it stands behind another member. */
function membersText(members: Readonly<Record<string, unknown>> = {}): string {
  const text = JSON.stringify(members).slice(1, -1);
  return text && `,${text}`;
}
