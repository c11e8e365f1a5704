/** What the members of loggers' JSON lines say of their requests and traces, as `log-context.ts` reads them. */
import type { LogContext, Slice } from "../telemetry.ts";
import { aContext } from "./contexts.ts";
import { OPENING_BRACE } from "./escaped-json.ts";
import { IdReader } from "./id-reader.ts";
import {
  CERTAIN_REQUEST_ID,
  DD,
  ENV,
  FLAT,
  LEVEL,
  LogMembers,
  MESSAGE,
  OTEL_SPAN_ID,
  OTEL_TRACE_ID,
  REQUEST_ID,
  SERVICE,
  SPAN_ID,
  TIMESTAMP,
  TRACE_ID,
  VERSION,
  XRAY_TRACE_ID,
} from "./log-members.ts";
import { spanIdFromDatadog, spanIdFromHex, traceIdFromDatadog, traceIdFromHex, traceIdFromXRay } from "./trace-ids.ts";

const REQUEST_ID_TEXT = /^[0-9a-fA-F-]{36}$/;
/** A text that says a trace itself has one of these, or escapes in which they may hide. */
const MAY_SAY_TRACE = /trace_id|Root=1-|TraceId: 1-|u00/;

/** Reads lines of one slice, in their order. */
export class LogMembersReader {
  readonly #text: string;
  readonly #members: LogMembers;
  readonly #traceIds: IdReader;
  readonly #spanIds: IdReader;
  readonly #otelTraceIds: IdReader;
  readonly #otelSpanIds: IdReader;
  readonly #xrayIds: IdReader;
  readonly #requestIds: IdReader;
  readonly #services: IdReader;
  readonly #envs: IdReader;
  readonly #versions: IdReader;

  /** @param view of the bytes of the slice */
  constructor(slice: Slice, view: DataView) {
    const { text } = slice;
    this.#text = text;
    this.#members = new LogMembers(slice, view);
    this.#traceIds = new IdReader(text, view, traceIdFromDatadog);
    this.#spanIds = new IdReader(text, view, spanIdFromDatadog);
    this.#otelTraceIds = new IdReader(text, view, (id) => (id.length === 32 ? traceIdFromHex(id) : undefined));
    this.#otelSpanIds = new IdReader(text, view, spanIdFromHex);
    this.#xrayIds = new IdReader(text, view, traceIdFromXRay);
    this.#requestIds = new IdReader(text, view, requestIdFrom);
    this.#services = new IdReader(text, view, decoded);
    this.#envs = new IdReader(text, view, decoded);
    this.#versions = new IdReader(text, view, decoded);
  }

  /**
   * What the members of a line say; null where they say nothing, undefined where this cannot tell.
   *
   * @param brace where the JSON begins
   * @param requestId the one in the runtime's prefix; "" = none
   */
  read(brace: number, end: number, requestId: string): LogContext | null | undefined {
    const members = this.#members;
    if (!members.find(brace, end)) return undefined;
    const datadog = members.has(DD) ? 0 : FLAT;
    const ofDatadog = members.read(datadog + TRACE_ID, this.#traceIds);
    const traceId = ofDatadog || members.read(OTEL_TRACE_ID, this.#otelTraceIds);
    const service = members.read(datadog + SERVICE, this.#services);
    const env = members.read(datadog + ENV, this.#envs);
    const version = members.read(datadog + VERSION, this.#versions);
    if (traceId === "" && (this.#mayMessageSayTrace() || (datadog === FLAT && (service || env || version)))) {
      return undefined;
    }
    const own = requestId || this.#requestId();
    const xrayTraceId = members.read(XRAY_TRACE_ID, this.#xrayIds);
    if (!(own || traceId || xrayTraceId || service || env || version)) return null;
    const context = aContext(own);
    if (own && !requestId) context.isRequestIdCertain = members.has(CERTAIN_REQUEST_ID) || this.#isOfLambda(brace);
    context.traceId = traceId;
    if (ofDatadog) context.spanId = members.read(datadog + SPAN_ID, this.#spanIds);
    else if (traceId) context.spanId = members.read(OTEL_SPAN_ID, this.#otelSpanIds);
    context.xrayTraceId = xrayTraceId;
    context.service = service;
    context.env = env;
    context.version = version;
    context.isDatadog = ofDatadog !== "";
    return context;
  }

  /** In lower case; "" = none. */
  #requestId(): string {
    const members = this.#members;
    return members.read(members.has(CERTAIN_REQUEST_ID) ? CERTAIN_REQUEST_ID : REQUEST_ID, this.#requestIds);
  }

  /** Whether it is Lambda's JSON format, in which the time comes first. */
  #isOfLambda(brace: number): boolean {
    const members = this.#members;
    if (!members.has(TIMESTAMP) || !members.has(LEVEL) || !members.has(MESSAGE)) return false;
    return this.#text.indexOf(",", brace) > members.startOf(TIMESTAMP);
  }

  /** Where no member says the trace, the message may. */
  #mayMessageSayTrace(): boolean {
    const text = this.#members.text(MESSAGE);
    return text.charCodeAt(2) === OPENING_BRACE || MAY_SAY_TRACE.test(text);
  }
}

function requestIdFrom(text: string): string | undefined {
  return REQUEST_ID_TEXT.test(text) ? text.toLowerCase() : undefined;
}

function decoded(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
