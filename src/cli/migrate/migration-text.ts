import { oneLine } from "../one-line.ts";
import type { Paint } from "../paint.ts";
import type { Difference } from "./differences.ts";
import type { Migration, Row, Status } from "./migration.ts";
import type { OldForwarder, Subscription } from "./old-forwarder.ts";
import type { Step } from "./steps.ts";

export interface Report {
  forwarder: OldForwarder;
  evidence: string[];
  migration: Migration;
  logGroups: string[];
  differences: readonly Difference[];
  steps: Step[];
  remarks: string[];
}

const MAX_VALUE = 48;
const STATUSES: Status[] = ["same", "renamed", "differs", "by hand", "secret", "no effect", "unknown"];

/** The report for a person. @param columns characters in a line */
export function migrationText(report: Report, columns: number, paint: Paint): string {
  const { forwarder, evidence, migration, logGroups, differences, steps, remarks } = report;
  const { rows } = migration;
  const name = forwarder.functionName || forwarder.stackName || "a Datadog Forwarder";
  const parts = [
    `${paint("bold", name)} is a Datadog Forwarder: ${evidence.join("; ")}`,
    section("Settings", settingLines(rows, columns, paint)),
    summary(rows),
    section("Log groups to subscribe", subscriptionLines(forwarder.subscriptions, logGroups)),
    section(
      "What differs on purpose",
      differences.flatMap(({ what, page }) => [what, paint("dim", `  ${page}`)]),
    ),
    section(
      "Steps",
      steps.flatMap(({ what, commands }, at) => [
        `${at + 1}. ${what}`,
        ...commands.map((line) => paint("cyan", `   ${line}`)),
      ]),
    ),
    ...(remarks.length > 0 ? [section("Remarks", remarks)] : []),
  ];
  return `${parts.join("\n\n")}\n`;

  function section(title: string, lines: string[]): string {
    return [paint("bold", title), ...lines.map((line) => `  ${line}`)].join("\n");
  }
}

function settingLines(rows: readonly Row[], columns: number, paint: Paint): string[] {
  const width = (of: (row: Row) => string): number => Math.max(0, ...rows.map((row) => of(row).length));
  const names = width(({ name }) => name);
  const values = width((row) => shownValue(row));
  const statuses = width(({ status }) => status);
  const ours = width(({ ours: parameter }) => parameter);
  return rows.map((row) => {
    const { name, status, ours: parameter, note } = row;
    const front = `${name.padEnd(names)}  ${shownValue(row).padEnd(values)}  `;
    const behind = `${status.padEnd(statuses)}  ${parameter.padEnd(ours)}  `;
    const text = front + behind + note;
    const style = status === "by hand" || status === "secret" || status === "unknown" ? "red" : "dim";
    // A note that does not fit stands on a line of its own.
    const isTooLong = text.length + 2 > columns && note !== "";
    const line = isTooLong ? `${front}${behind.trimEnd()}\n      ${note}` : text.trimEnd();
    return status === "same" || status === "renamed" ? line : paint(style, line);
  });
}

function shownValue({ value }: Row): string {
  return value === null ? "(not shown)" : oneLine(value, MAX_VALUE);
}

function summary(rows: readonly Row[]): string {
  const counts = STATUSES.map((status) => [rows.filter((row) => row.status === status).length, status] as const);
  return `  ${rows.length} settings: ${counts
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status}`)
    .join(", ")}`;
}

function subscriptionLines(subscriptions: Subscription[] | null, logGroups: readonly string[]): string[] {
  if (logGroups.length === 0) {
    return subscriptions
      ? ["none is subscribed to it"]
      : ["not known; this lists the filters of one: aws logs describe-subscription-filters --log-group-name <name>"];
  }
  return logGroups.map((logGroup) => {
    const patterns = (subscriptions ?? []).filter((it) => it.logGroup === logGroup && it.filterPattern.trim() !== "");
    const pattern = patterns.map(({ filterPattern }) => filterPattern).join(" | ");
    return pattern ? `${logGroup}  (its filter pattern ${JSON.stringify(pattern)} is not taken over)` : logGroup;
  });
}
