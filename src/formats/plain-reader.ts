/**
 * The reader of payload lines of any shape. Tracers write one that `datadog-payload.ts` notes, so most processes never
 * need it; the first line that does has it loaded.
 */
import type { Trace } from "../telemetry.ts";
import { NotLoadedError } from "./not-loaded.ts";

let reader: typeof import("./datadog-spans.ts") | undefined;

/**
 * The traces of a payload line; undefined: it is none.
 *
 * @throws {NotLoadedError}
 */
export function readTraces(message: string): Trace[] | undefined {
  if (!reader) throw new NotLoadedError(loadPlainReader);
  return reader.readTraces(message);
}

export async function loadPlainReader(): Promise<void> {
  reader = await import("./datadog-spans.ts");
}
