/** What a trace payload line tells of how its traces went. */
import type { Span, SpanTable, TracePayload } from "../telemetry.ts";
import * as row from "./span-table.ts";
import { lowHalf } from "./trace-ids.ts";

/** Of the spans of one trace that were seen together. */
export interface Fate {
  hasError: boolean;
  /** The first start and the last end. */
  startUnixNano: bigint;
  endUnixNano: bigint;
}

/** Adds what the spans of a payload tell. @param fates by the low half of the trace id */
export function addFates(payload: TracePayload, fates: Map<string, Fate>): void {
  if (payload.table) addNoted(payload, payload.table, fates);
  else {
    for (const { traceId, spans } of payload.decode()) {
      for (const span of spans) addSpan(lowHalf(traceId), span, fates);
    }
  }
}

function addNoted({ traces, firstSpan }: TracePayload, table: SpanTable, fates: Map<string, Fate>): void {
  const { cells } = table;
  let at = firstSpan;
  for (const { traceId, spanCount } of traces) {
    for (let left = spanCount; left > 0; left--) {
      const span = {
        error: cells[at + row.ERROR] as number,
        startTimeUnixNano: numberAt(cells, at + row.START),
        durationNano: numberAt(cells, at + row.DURATION),
      };
      addSpan(lowHalf(traceId), span, fates);
      at = cells[at + row.NEXT] as number;
    }
  }
}

function addSpan(
  trace: string,
  { error, startTimeUnixNano, durationNano }: Pick<Span, "error" | "startTimeUnixNano" | "durationNano">,
  fates: Map<string, Fate>,
): void {
  const end = startTimeUnixNano + durationNano;
  const fate = fates.get(trace);
  if (!fate) {
    fates.set(trace, { hasError: error !== 0, startUnixNano: startTimeUnixNano, endUnixNano: end });
    return;
  }
  fate.hasError ||= error !== 0;
  if (startTimeUnixNano < fate.startUnixNano) fate.startUnixNano = startTimeUnixNano;
  if (end > fate.endUnixNano) fate.endUnixNano = end;
}

function numberAt(cells: Int32Array, cell: number): bigint {
  return (BigInt((cells[cell] as number) >>> 0) << 32n) | BigInt((cells[cell + 1] as number) >>> 0);
}
