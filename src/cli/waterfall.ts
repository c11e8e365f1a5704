import type { ReceivedLog, ReceivedSpan } from "../viewer/received.ts";
import type { Paint } from "./paint.ts";

/** Pieces of text of one width, to stand in front of lines. */
export interface Waterfall {
  ofSpan(span: ReceivedSpan): string;
  ofLog(log: ReceivedLog): string;
  space: string;
}

/**
 * Where spans and logs stand in the time of their trace. Each span has at least one column; a log before or after all spans
 * stands at the edge.
 *
 * @param columns 0 = nothing is drawn
 */
export function waterfall(spans: readonly ReceivedSpan[], columns: number, paint: Paint): Waterfall {
  if (columns <= 0) return { ofSpan: () => "", ofLog: () => "", space: "" };
  let first = spans[0]?.startTimeUnixNano ?? 0n;
  let last = first;
  for (const { startTimeUnixNano, durationNano } of spans) {
    if (startTimeUnixNano < first) first = startTimeUnixNano;
    if (startTimeUnixNano + durationNano > last) last = startTimeUnixNano + durationNano;
  }
  const total = Number(last - first);
  return { ofSpan, ofLog, space: " ".repeat(columns + 1) };

  function ofSpan({ startTimeUnixNano, durationNano, error }: ReceivedSpan): string {
    const from = columnOf(startTimeUnixNano);
    const to = Math.max(from, Math.ceil(placeOf(startTimeUnixNano + durationNano)) - 1);
    const drawn = paint(error ? "red" : "cyan", "━".repeat(to - from + 1));
    return `${" ".repeat(from)}${drawn}${" ".repeat(columns - to)}`;
  }

  function ofLog({ timeUnixNano }: ReceivedLog): string {
    const at = columnOf(timeUnixNano);
    return `${" ".repeat(at)}${paint("dim", "•")}${" ".repeat(columns - at)}`;
  }

  /** From 0 to `columns`. */
  function placeOf(timeUnixNano: bigint): number {
    const share = total > 0 ? Number(timeUnixNano - first) / total : 0;
    return Math.min(1, Math.max(0, share)) * columns;
  }

  function columnOf(timeUnixNano: bigint): number {
    return Math.min(columns - 1, Math.floor(placeOf(timeUnixNano)));
  }
}
