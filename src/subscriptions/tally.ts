import { type Finding, STATUSES, type Status } from "./log-groups.ts";

/** How many log groups there are of each status. */
export type Tally = Partial<Record<Status, number>>;

export function counted(tally: Tally, { status }: Finding): Tally {
  return { ...tally, [status]: (tally[status] ?? 0) + 1 };
}

/** As in `12 subscribed, 1 left`; `nothing to do` for none. */
export function tallyText(tally: Tally): string {
  const parts = STATUSES.filter((status) => tally[status]).map((status) => `${tally[status]} ${status}`);
  return parts.length > 0 ? parts.join(", ") : "nothing to do";
}
