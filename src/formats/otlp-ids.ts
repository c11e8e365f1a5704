import { MalformedError } from "./malformed.ts";
import { spanIdFromHex, traceIdFromHex } from "./trace-ids.ts";

/** @throws {MalformedError} where it is not 32 hex digits, in any case, or all of them are zeros */
export function traceIdOf(hex: string): string {
  const id = hex.length === 32 ? traceIdFromHex(hex) : undefined;
  if (id) return id;
  throw new MalformedError();
}

/** @throws {MalformedError} where it is not 16 hex digits, in any case, or all of them are zeros */
export function spanIdOf(hex: string): string {
  const id = hex.length === 16 ? spanIdFromHex(hex) : undefined;
  if (id) return id;
  throw new MalformedError();
}

/** "" for a root: nothing, or zeros. @throws {MalformedError} */
export function parentSpanIdOf(hex: string): string {
  return /^0*$/.test(hex) ? "" : spanIdOf(hex);
}
