/** What an item of Datadog's logs intake says behind the log event: its trace, and where it comes from. */
import { decimal, is128Bit, isSameTrace, lowHalf } from "../formats/trace-ids.ts";
import type { LogRecord } from "../telemetry.ts";

/** What `dd` says; "" = not said. */
interface Trace {
  traceId: string;
  spanId: string;
  service: string;
  env: string;
  version: string;
}

/** Makes the tails of a resource's items. The logs of one span follow each other, so the last tail is kept. */
export class ItemTail {
  readonly #source: string;
  readonly #withoutTrace: Buffer;
  #trace: Trace = { traceId: "", spanId: "", service: "", env: "", version: "" };
  #tail: Buffer;

  /** @param source `,"ddsource":…}`: what is the same for the whole resource, and the end of the item */
  constructor(source: string) {
    this.#source = source;
    this.#withoutTrace = Buffer.from(source);
    this.#tail = this.#withoutTrace;
  }

  /** What belongs behind a log: its trace and source, and the rate where it stands for others. */
  of(record: LogRecord): Buffer {
    const tail = this.#ofTrace(record);
    const { sampling } = record;
    return sampling ? Buffer.from(`,"sampling":${JSON.stringify(sampling)}${tail}`) : tail;
  }

  /**
   * `,"dd":{…}` with the ids of the log's span, and service, env and version where the trace knows them and the log does
   * not; then the source. Datadog links a log to its trace through a `dd` object at the root. Nothing is added to a log
   * that says all of it in Datadog's own way, nor to one that belongs to no known trace.
   */
  #ofTrace({ context, invocation }: LogRecord): Buffer {
    const traceId = context?.traceId || invocation?.traceId;
    if (!traceId) return this.#withoutTrace;
    const spanId = (context?.traceId ? context.spanId : invocation?.spanId) ?? "";
    const known = invocation && isSameTrace(invocation.traceId, traceId) ? invocation : undefined;
    const service = (!context?.service && known?.service) || "";
    const env = (!context?.env && known?.env) || "";
    const version = (!context?.version && known?.version) || "";
    if (context?.isDatadog && !service && !env && !version) return this.#withoutTrace;
    const last = this.#trace;
    const isLast =
      last.traceId === traceId &&
      last.spanId === spanId &&
      last.service === service &&
      last.env === env &&
      last.version === version;
    if (!isLast) {
      this.#trace = { traceId, spanId, service, env, version };
      this.#tail = Buffer.from(`,"dd":{${ddOf(this.#trace)}}${this.#source}`);
    }
    return this.#tail;
  }
}

/** In Datadog's spelling. */
function ddOf({ traceId, spanId, service, env, version }: Trace): string {
  const id = is128Bit(traceId) ? traceId : decimal(lowHalf(traceId));
  const ids = `"trace_id":"${id}"${member("span_id", spanId && decimal(spanId))}`;
  return ids + member("service", service) + member("env", env) + member("version", version);
}

/** "" where it is not said. */
function member(name: string, value: string): string {
  return value && `,"${name}":${JSON.stringify(value)}`;
}
