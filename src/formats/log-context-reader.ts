/**
 * What the lines of a slice say about their requests and traces. Their fronts are told apart by their first byte and
 * read by position; whatever is not of the usual shape is left to `log-context.ts`, whose answers are the same.
 */
import type { LogContext, Slice } from "../telemetry.ts";
import { aContext, contextOfPlatform } from "./contexts.ts";
import { isDigit, OPENING_BRACE, stands, ZERO } from "./escaped-json.ts";
import { IdReader } from "./id-reader.ts";
import { LogMembersReader } from "./log-members-reader.ts";
import { messageIn } from "./message.ts";
import { Needle } from "./needle.ts";
import { NotLoadedError } from "./not-loaded.ts";
import { spanIdFromDatadog, traceIdFromDatadog } from "./trace-ids.ts";

const BRACKET = 0x5b;
const [LETTER_A, LETTER_T, LETTER_Z] = [0x41, 0x54, 0x5a];
const TAB = Buffer.from("\\t");
const BRACKET_AND_TAB = Buffer.from("]\\t");
const MAX_LEVEL_LENGTH = 10;
/** As the runtimes write it, and the tab; `0` stands for any digit. */
const TIME_AND_TAB = Buffer.from("0000-00-00T00:00:00.000Z\\t");
const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
const UUID_LENGTH = 36;
/** datadog-lambda-js puts it in front of what console was given. */
const CONSOLE_HOOK = /\[dd\.trace_id=[0-9a-fA-F]{1,32} dd\.span_id=\d{1,20}\]/y;
const [HOOK_FRONT, HOOK_MIDDLE] = ["[dd.trace_id=", " dd.span_id="];

/** The platform's lines, and how each begins. */
const PLATFORM_LINES = (["start", "end", "report"] as const).map((platform) => ({
  platform,
  front: Buffer.from(`${platform.toUpperCase()} RequestId: `),
}));
/** `Root=` and an id of X-Ray take this many characters. */
const MIN_XRAY_LENGTH = 40;

/** Loaded by the first line of another shape. */
let logContexts: typeof import("./log-context.ts") | undefined;

/** Lines are read in their order. Those that say the same may share one context. */
export class LogContextReader {
  readonly #slice: Slice;
  readonly #members: LogMembersReader;
  /** Text that says ids has one of these. */
  readonly #idKey: Needle;
  readonly #xrayRoot: Needle;
  readonly #xrayReport: Needle;
  readonly #traceIds: IdReader;
  readonly #spanIds: IdReader;
  readonly #requestIds: IdReader;
  #runtimeContext = aContext("");

  constructor(slice: Slice) {
    const { bytes, text } = slice;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#slice = slice;
    this.#idKey = new Needle(text, "_id");
    this.#traceIds = new IdReader(text, view, traceIdFromDatadog);
    this.#spanIds = new IdReader(text, view, spanIdFromDatadog);
    this.#requestIds = new IdReader(text, view, (id) => (UUID.test(id) ? id.toLowerCase() : undefined));
    this.#members = new LogMembersReader(slice, view);
    this.#xrayRoot = new Needle(text, "Root=1-", "Root=");
    this.#xrayReport = new Needle(text, "TraceId: 1-", "Id: 1-");
  }

  /** With all that it consists of (decision 58). */
  static readonly kept = new LogContextReader({ bytes: Buffer.alloc(0), text: "" });

  /**
   * What a message says, or null.
   *
   * @param start its first byte
   * @param end behind its last
   * @throws {NotLoadedError}
   */
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
      const rest = start + front.length + UUID_LENGTH;
      const requestId = this.#requestIds.at(rest - UUID_LENGTH, rest);
      const isUsual = requestId !== "" && (end - rest < MIN_XRAY_LENGTH || !this.#hasXRay(rest, end));
      return isUsual ? contextOfPlatform(platform, requestId) : this.#readRare(start, end);
    }
    // What else has the platform's form begins with `RequestId: `.
    return bytes[start + 1] === 0x65 ? this.#readRare(start, end) : this.#readText(start, start, end, "");
  }

  /** A line that may have the runtime's prefix. */
  #readRuntime(start: number, end: number): LogContext | null {
    const { bytes } = this.#slice;
    const time = bytes[start] === BRACKET ? behindLevel(bytes, start + 1, BRACKET_AND_TAB) : start;
    if (!isTime(bytes, time)) return this.#readRare(start, end);
    const idAt = time + TIME_AND_TAB.length;
    const requestId = this.#requestIds.at(idAt, idAt + UUID_LENGTH);
    if (requestId === "" || !stands(TAB, bytes, idAt + UUID_LENGTH)) return this.#readRare(start, end);
    const rest = behindLevel(bytes, idAt + UUID_LENGTH + TAB.length, TAB);
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
    const traceId = this.#traceIds.at(rest + HOOK_FRONT.length, traceEnd);
    if (traceId === "") return null;
    const context = aContext(requestId);
    context.traceId = traceId;
    context.spanId = this.#spanIds.at(traceEnd + HOOK_MIDDLE.length, hookEnd - "]".length);
    context.isDatadog = true;
    return context;
  }

  /** @param brace where the JSON begins @param requestId the one in the prefix; "" = none */
  #readJson(start: number, brace: number, end: number, requestId: string): LogContext | null {
    const context = this.#members.read(brace, end, requestId);
    if (context === undefined) return this.#readBehind(start, brace, end, requestId);
    return context ?? this.#contextOfRuntime(requestId);
  }

  /** The complete way, from behind the prefix on. */
  #readBehind(start: number, rest: number, end: number, requestId: string): LogContext | null {
    return completely().readRest(this.#slice.text.slice(rest, end), requestId, () => this.#decoded(start, end));
  }

  /** The complete way. */
  #readRare(start: number, end: number): LogContext | null {
    return completely().readLogContext(this.#slice.text.slice(start, end), () => this.#decoded(start, end));
  }

  #decoded(message: number, messageEnd: number): string {
    return messageIn({ message, messageEnd }, this.#slice);
  }

  #hasXRay(start: number, end: number): boolean {
    return this.#xrayRoot.isBetween(start, end) || this.#xrayReport.isBetween(start, end);
  }

  #contextOfRuntime(requestId: string): LogContext | null {
    if (requestId === "") return null;
    if (this.#runtimeContext.requestId !== requestId) this.#runtimeContext = aContext(requestId);
    return this.#runtimeContext;
  }
}

/** Behind the level that the runtime puts here, and its mark; where it would begin if there is none. */
function behindLevel(bytes: Uint8Array, at: number, mark: Uint8Array): number {
  let end = at;
  while (isCapital(bytes[end])) end++;
  return end > at && end - at <= MAX_LEVEL_LENGTH && stands(mark, bytes, end) ? end + mark.length : at;
}

function isTime(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < TIME_AND_TAB.length; index++) {
    const [form, byte] = [TIME_AND_TAB[index], bytes[at + index] as number];
    if (form === ZERO ? !isDigit(byte) : byte !== form) return false;
  }
  return true;
}

function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= LETTER_A && byte <= LETTER_Z;
}

/** @throws {NotLoadedError} */
export function completely(): typeof import("./log-context.ts") {
  if (logContexts) return logContexts;
  throw new NotLoadedError(loadLogContexts);
}

export async function loadLogContexts(): Promise<void> {
  logContexts = await import("./log-context.ts");
}
