/**
 * Logs that wait within a delivery for what a later slice tells of their request. They are copied, because a slice ends
 * with the next; nothing waits longer than the delivery.
 */
import type { LogRecord, Resource, ResourceTelemetry } from "../telemetry.ts";
import type { Evidence, Findings } from "./findings.ts";
import type { Extents } from "./request-extent.ts";
import { NOTHING, strengthOf } from "./strength.ts";

/** Of copied log events; what comes when there is no room goes on as it is. */
const MAX_BYTES = 512 * 1024;

/** Of one log stream. */
interface Held {
  resource: Resource;
  logs: LogRecord[];
  parts: Buffer[];
  bytes: number;
  requests: Map<string, Evidence>;
}

export class HeldLogs {
  readonly #streams = new Map<string, Held>();
  #bytes = 0;

  /** Takes the logs out of a slice that belong to requests that go on, and of whose trace nothing is known. */
  take(stream: string, telemetry: ResourceTelemetry, { requests }: Findings, extents: Extents): void {
    const open = new Map(
      requests
        .filter((evidence) => !extents.get(evidence.invocation)?.ends && strengthOf(evidence) === NOTHING)
        .map((evidence) => [evidence.invocation, evidence]),
    );
    if (open.size === 0) return;
    const { resource, slice } = telemetry;
    const held: Held = this.#streams.get(stream) ?? { resource, logs: [], parts: [], bytes: 0, requests: new Map() };
    telemetry.logs = telemetry.logs.filter((record) => {
      const evidence = record.linkMethod === "" && record.invocation ? open.get(record.invocation) : undefined;
      const size = record.end + 2 - record.start;
      if (!evidence || this.#bytes + size > MAX_BYTES) return true;
      const { requestId } = evidence.invocation;
      const known = held.requests.get(requestId) ?? evidence;
      held.requests.set(requestId, known);
      held.logs.push(moved(record, held.bytes - record.start, known));
      held.parts.push(Buffer.from(slice.bytes.subarray(record.start, record.end + 1)), Buffer.from(","));
      held.bytes += size;
      this.#bytes += size;
      return false;
    });
    if (held.logs.length > 0) this.#streams.set(stream, held);
  }

  /** All that is held, by stream, each as a slice of its own. They are held no longer. */
  release(): [stream: string, telemetry: ResourceTelemetry, findings: Findings][] {
    const released = [...this.#streams].map(([stream, held]): [string, ResourceTelemetry, Findings] => {
      const { resource, logs, parts, requests } = held;
      const bytes = Buffer.concat(parts);
      const slice = { bytes, text: bytes.toString("latin1") };
      for (const [index, record] of logs.entries()) record.index = index;
      const telemetry = { resource, slice, logs, tracePayloads: [], metrics: [] };
      return [stream, telemetry, { requests: [...requests.values()], halves: [], tells: false, atOnce: 0 }];
    });
    this.#streams.clear();
    this.#bytes = 0;
    return released;
  }
}

/** The record at another place, in the invocation that its request's records of several slices share. */
function moved(record: LogRecord, by: number, { invocation }: Evidence): LogRecord {
  return {
    ...record,
    start: record.start + by,
    message: record.message + by,
    messageEnd: record.messageEnd + by,
    end: record.end + by,
    invocation,
  };
}
