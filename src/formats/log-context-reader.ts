/**
 * What the lines of a slice say about their requests and traces. Their fronts are told apart by their first byte and
 * read by position; whatever is not of the usual shape is left to `log-context.ts`, whose answers are the same.
 */
import type { LogContext, Slice } from "../telemetry.ts";
import { isDigit, OPENING_BRACE, stands } from "./escaped-json.ts";
import { IdReader } from "./id-reader.ts";
import { KnownDd } from "./known-dd.ts";
import { contextOfDatadog, contextOfPlatform, contextOfRuntime, readLogContext, readRest } from "./log-context.ts";
import { messageIn } from "./message.ts";
import { Needle } from "./needle.ts";
import { spanIdFromDatadog, traceIdFromDatadog } from "./trace-ids.ts";

const BRACKET = 0x5b;
const [LETTER_A, LETTER_T, LETTER_Z] = [0x41, 0x54, 0x5a];
const TAB = Buffer.from("\\t");
const UUID = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/y;
const UUID_LENGTH = 36;
/** What stands before the request id in the runtimes' lines; they write times of 24 characters. */
const RUNTIME_TIME = /(?:\[[A-Z]{1,10}\]\\t)?\d{4}-\d\d-\d\dT[\d:.]{12}Z\\t/y;
/** datadog-lambda-js puts it in front of what console was given. */
const CONSOLE_HOOK = /\[dd\.trace_id=[0-9a-fA-F]{1,32} dd\.span_id=\d{1,20}\]/y;
const [HOOK_FRONT, HOOK_MIDDLE] = ["[dd.trace_id=", " dd.span_id="];

/** The platform's lines, and how each begins. */
const PLATFORM_LINES = (["start", "end", "report"] as const).map((platform) => ({
  platform,
  front: Buffer.from(`${platform.toUpperCase()} RequestId: `),
}));

const NO_NAMES = { service: "", env: "", version: "" };

/** Lines are read in their order. Those that say the same may share one context. */
export class LogContextReader {
  readonly #slice: Slice;
  readonly #knownDd: KnownDd;
  /** Text that says ids has one of these. */
  readonly #idKey: Needle;
  readonly #xrayRoot: Needle;
  readonly #xrayReport: Needle;
  readonly #traceIds = new IdReader(traceIdFromDatadog);
  readonly #spanIds = new IdReader(spanIdFromDatadog);
  /** The last request id, as it stands and in lower case. */
  #requestIdText = "";
  #requestId = "";
  #runtimeContext: LogContext | null = null;

  constructor(slice: Slice) {
    const { text } = slice;
    this.#slice = slice;
    this.#idKey = new Needle(text, "_id");
    this.#knownDd = new KnownDd(slice, this.#idKey, this.#traceIds, this.#spanIds);
    this.#xrayRoot = new Needle(text, "Root=1-", "Root=");
    this.#xrayReport = new Needle(text, "TraceId: 1-", "Id: 1-");
  }

  /** What a message says, or null. @param start its first byte @param end behind its last */
  read(start: number, end: number): LogContext | null {
    const { bytes } = this.#slice;
    const first = bytes[start] as number;
    if (first === OPENING_BRACE) return this.#readJson(start, start, end, "");
    if (isDigit(first) ? bytes[start + 10] === LETTER_T : first === BRACKET && isCapital(bytes[start + 1])) {
      return this.#readRuntime(start, end);
    }
    return isCapital(first) ? this.#readPlatform(start, end) : this.#readText(start, start, end, "");
  }

  /** A line that may be the platform's. */
  #readPlatform(start: number, end: number): LogContext | null {
    const { bytes } = this.#slice;
    for (const { platform, front } of PLATFORM_LINES) {
      if (!stands(front, bytes, start)) continue;
      const requestId = this.#requestIdFrom(start + front.length);
      const isUsual = requestId !== "" && !this.#hasXRay(start, end);
      return isUsual ? contextOfPlatform(platform, requestId) : this.#readRare(start, end);
    }
    // What else has the platform's form begins with `RequestId: `.
    return bytes[start + 1] === 0x65 ? this.#readRare(start, end) : this.#readText(start, start, end, "");
  }

  /** A line that may have the runtime's prefix. */
  #readRuntime(start: number, end: number): LogContext | null {
    const { bytes, text } = this.#slice;
    RUNTIME_TIME.lastIndex = start;
    if (!RUNTIME_TIME.test(text)) return this.#readRare(start, end);
    const idAt = RUNTIME_TIME.lastIndex;
    const requestId = this.#requestIdFrom(idAt);
    if (requestId === "" || !stands(TAB, bytes, idAt + UUID_LENGTH)) return this.#readRare(start, end);
    const rest = behindLevel(bytes, idAt + UUID_LENGTH + TAB.length);
    return bytes[rest] === OPENING_BRACE
      ? this.#readJson(start, rest, end, requestId)
      : this.#readText(start, rest, end, requestId);
  }

  /** @param rest what stands behind the prefix @param requestId the one in the prefix; "" = none */
  #readText(start: number, rest: number, end: number, requestId: string): LogContext | null {
    const hasXRay = requestId === "" && this.#hasXRay(rest, end);
    if (!hasXRay && !this.#idKey.isBetween(rest, end)) return this.#contextOfRuntime(requestId);
    const hooked = hasXRay ? null : this.#readHook(rest, end, requestId);
    return hooked ?? this.#readBehind(start, rest, end, requestId);
  }

  /** Text behind the ids that datadog-lambda-js puts there; null where there are none, or others too. */
  #readHook(rest: number, end: number, requestId: string): LogContext | null {
    const { text } = this.#slice;
    CONSOLE_HOOK.lastIndex = rest;
    if (!CONSOLE_HOOK.test(text)) return null;
    const hookEnd = CONSOLE_HOOK.lastIndex;
    if (hookEnd > end || text.slice(hookEnd, end).includes("dd.")) return null;
    const traceEnd = text.indexOf(" ", rest);
    const traceId = this.#traceIds.of(text.slice(rest + HOOK_FRONT.length, traceEnd));
    const spanId = this.#spanIds.of(text.slice(traceEnd + HOOK_MIDDLE.length, hookEnd - "]".length));
    return contextOfDatadog(requestId, traceId, spanId, NO_NAMES);
  }

  /** @param brace where the JSON begins @param requestId the one in the prefix; "" = none */
  #readJson(start: number, brace: number, end: number, requestId: string): LogContext | null {
    const known = this.#knownDd.read(brace, end, requestId);
    if (known) return known;
    const context = this.#readBehind(start, brace, end, requestId);
    if (context?.isDatadog) this.#knownDd.learn(brace, end, context);
    return context;
  }

  /** The complete way, from behind the prefix on. */
  #readBehind(start: number, rest: number, end: number, requestId: string): LogContext | null {
    return readRest(this.#slice.text.slice(rest, end), requestId, () => this.#decoded(start, end));
  }

  /** The complete way. */
  #readRare(start: number, end: number): LogContext | null {
    return readLogContext(this.#slice.text.slice(start, end), () => this.#decoded(start, end));
  }

  #decoded(message: number, messageEnd: number): string {
    return messageIn({ message, messageEnd }, this.#slice);
  }

  #hasXRay(start: number, end: number): boolean {
    return this.#xrayRoot.isBetween(start, end) || this.#xrayReport.isBetween(start, end);
  }

  /** The request id that stands here, in lower case; "" = none. Lines of a request follow each other. */
  #requestIdFrom(at: number): string {
    const { bytes, text } = this.#slice;
    const end = at + UUID_LENGTH;
    if (text.slice(at, end) === this.#requestIdText) return this.#requestId;
    UUID.lastIndex = at;
    if (!UUID.test(text)) return "";
    this.#requestIdText = bytes.toString("latin1", at, end);
    this.#requestId = this.#requestIdText.toLowerCase();
    return this.#requestId;
  }

  #contextOfRuntime(requestId: string): LogContext | null {
    if (requestId === "") return null;
    if (this.#runtimeContext?.requestId !== requestId) this.#runtimeContext = contextOfRuntime(requestId);
    return this.#runtimeContext;
  }
}

/** Behind the runtime's level and its tab, if they stand here. */
function behindLevel(bytes: Uint8Array, at: number): number {
  let end = at;
  while (isCapital(bytes[end])) end++;
  return end > at && end - at <= 10 && stands(TAB, bytes, end) ? end + TAB.length : at;
}

function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= LETTER_A && byte <= LETTER_Z;
}
