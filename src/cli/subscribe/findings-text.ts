import { type Finding, STATUSES, type Status } from "../../subscriptions/log-groups.ts";
import { type Tally, tallyText } from "../../subscriptions/tally.ts";
import { oneLine } from "../one-line.ts";
import type { Paint } from "../paint.ts";

const STYLES: Readonly<Record<Status, Parameters<Paint>[0]>> = {
  subscribed: "green",
  replaced: "green",
  removed: "cyan",
  already: "dim",
  left: "red",
  refused: "dim",
  failed: "red",
};

/**
 * What became of the log groups, and why not: a table with a row for each, those that stay as they are left out.
 *
 * @param columns characters in a line
 */
export function findingsText(findings: readonly Finding[], tally: Tally, columns: number, paint: Paint): string {
  const shown = findings
    .filter(({ status, why }) => status !== "already" || why !== "")
    .sort((a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status));
  const width = Math.max(0, ...shown.map(({ logGroup }) => logGroup.length));
  const rows = shown.map(({ logGroup, status, why }) => {
    const front = `${status.padEnd(10)}  ${logGroup.padEnd(width)}`;
    // A reason that does not fit stands on a line of its own.
    const isLong = front.length + why.length + 2 > columns;
    const reason = oneLine(why, 1_000);
    return paint(
      STYLES[status],
      why && isLong ? `${front.trimEnd()}\n            ${reason}` : `${front}  ${reason}`.trimEnd(),
    );
  });
  return `${[...rows, ...(rows.length > 0 ? [""] : []), tallyText(tally)].join("\n")}\n`;
}
