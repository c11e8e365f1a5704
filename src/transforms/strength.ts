/**
 * By what a request's trace is known, from the weakest to the strongest: nothing, X-Ray's id, ids that its logs carry,
 * spans written in it, spans that name it, the span of its handler. The strongest decides; where that leaves a doubt,
 * nothing does.
 */
import { type Evidence, handlersAmong } from "./findings.ts";

export const [NOTHING, XRAY, CARRIED, WRITTEN, NAMED, HANDLER] = [0, 1, 2, 3, 4, 5] as const;

export function strengthOf({ named, written, carried, xray }: Evidence): number {
  if (named.length > 0) return handlersAmong(named).length > 0 ? HANDLER : NAMED;
  if (written.length > 0) return WRITTEN;
  return carried.length > 0 ? CARRIED : xray.length > 0 ? XRAY : NOTHING;
}
