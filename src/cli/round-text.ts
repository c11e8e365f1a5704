import { ledgerText } from "./ledger-line.ts";
import { oneLine } from "./one-line.ts";
import type { Paint } from "./paint.ts";
import type { Round } from "./round.ts";
import { count, traceTree } from "./trace-tree.ts";

/** The round for people: what was called, the trace as a tree, what was not tied to a trace, and the books. */
export function roundText(round: Round, width: number, paint: Paint): string {
  const { traces, uncorrelatedLogs, dropped } = round.received;
  const lines = [
    `GET ${round.requestPath}  answered in ${round.requestMs.toFixed(0)} ms`,
    `${count(round.events, "log event")} in ${count(round.deliveries, "delivery", "deliveries")} forwarded in ${round.forwardMs.toFixed(0)} ms`,
    ...traces.flatMap((trace) => ["", ...traceTree(trace, width, paint)]),
    "",
    `logs without a trace: ${uncorrelatedLogs.length}`,
    ...uncorrelatedLogs.map(({ service, body }) => `  · ${oneLine(`${service}  ${body}`, width - 4)}`),
    `ledger: ${ledgerText(round.ledger)}`,
  ];
  if (dropped.spans + dropped.logs > 0) {
    lines.push(`the intake dropped ${count(dropped.spans, "span")} and ${count(dropped.logs, "log")} to save memory`);
  }
  return `${lines.join("\n")}\n`;
}
