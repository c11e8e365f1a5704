/**
 * Trace and span ids in every spelling, and the one spelling used inside: 32 / 16 lowercase hex digits.
 *
 * A trace id whose high half is unknown (Datadog's 64-bit ids) has 16 zeros there. Ids are joined by their low
 * 64 bits (`lowHalf`), because one invocation mixes 64-bit decimals, 64-bit hex and 128-bit hex for one trace.
 * All-zero ids are no ids (W3C Trace Context §3.2.2.3), so every reader answers `undefined` for them.
 */

const HEX = /^[0-9a-fA-F]+$/;
const DECIMAL = /^[0-9]{1,20}$/;
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
const ZERO_64 = "0000000000000000";
const ZERO_128 = ZERO_64 + ZERO_64;

/** Trace id from hex digits, padded or not, upper or lower case: Datadog trace payloads, OpenTelemetry. */
export function traceIdFromHex(text: string): string | undefined {
  if (text.length > 32 || !HEX.test(text)) return undefined;
  const id = text.toLowerCase().padStart(32, "0");
  return id === ZERO_128 ? undefined : id;
}

/** Span id from hex digits, padded or not, upper or lower case. Longer ids keep their low 64 bits, as Datadog reads them. */
export function spanIdFromHex(text: string): string | undefined {
  if (text.length > 32 || !HEX.test(text)) return undefined;
  const id = text.toLowerCase().padStart(16, "0").slice(-16);
  return id === ZERO_64 ? undefined : id;
}

/** Trace id as Datadog's loggers write it: a decimal of the low 64 bits, or all 128 bits as 32 hex digits. */
export function traceIdFromDatadog(text: string): string | undefined {
  if (text.length === 32) return traceIdFromHex(text);
  const low = hexFromDecimal(text);
  return low === undefined ? undefined : ZERO_64 + low;
}

/** Span id as Datadog's loggers write it: always a decimal, even when it has 16 digits. */
export function spanIdFromDatadog(text: string): string | undefined {
  return hexFromDecimal(text);
}

/**
 * Trace id from X-Ray's `1-8hex-24hex`.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
 */
export function traceIdFromXRay(text: string): string | undefined {
  const match = /^1-([0-9a-fA-F]{8})-([0-9a-fA-F]{24})$/.exec(text);
  return match ? traceIdFromHex(`${match[1]}${match[2]}`) : undefined;
}

/** Trace and span id from a W3C `traceparent` of version 00. */
export function idsFromTraceparent(text: string): { traceId: string; spanId: string } | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text);
  if (!match) return undefined;
  const traceId = traceIdFromHex(match[1] as string);
  const spanId = spanIdFromHex(match[2] as string);
  return traceId && spanId ? { traceId, spanId } : undefined;
}

/** The half by which ids are joined. */
export function lowHalf(traceId: string): string {
  return traceId.slice(16);
}

/** The half that 64-bit spellings do not carry; 16 zeros when unknown. */
export function highHalf(traceId: string): string {
  return traceId.slice(0, 16);
}

/** Whether the high half is known. */
export function is128Bit(traceId: string): boolean {
  return !traceId.startsWith(ZERO_64);
}

/** The trace id with its high half, 16 hex digits, filled in where it is unknown. */
export function withHighHalf(traceId: string, high: string): string {
  return is128Bit(traceId) ? traceId : high + lowHalf(traceId);
}

/** Two ids name one trace: equal low halves, and high halves that are equal or unknown. */
export function isSameTrace(a: string, b: string): boolean {
  return a === b || (lowHalf(a) === lowHalf(b) && (!is128Bit(a) || !is128Bit(b)));
}

/** The decimal spelling of 16 hex digits, which Datadog reads in `dd.span_id`. */
export function decimal(hex64: string): string {
  return BigInt(`0x${hex64}`).toString();
}

function hexFromDecimal(text: string): string | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = BigInt(text);
  if (value === 0n || value > MAX_UINT64) return undefined;
  return value.toString(16).padStart(16, "0");
}
