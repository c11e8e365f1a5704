/** Whether the books that the function prints balance, and say what the servers saw. */
import type { Acceptance, Invocation, PrintedBooks, PrintedLedger } from "./history.ts";

/** What is wrong with the ledgers of an invocation, a sentence each. */
export function problemsOfLedgers(invocation: Invocation, acceptances: Acceptance[]): string[] {
  const { number, ledgers, end } = invocation;
  const problems = ledgers.flatMap(imbalances);
  const isOver = end?.how === "returned" || end?.how === "threw";
  if (isOver && ledgers.length !== 1) problems.push(`${ledgers.length} ledgers were printed`);
  if (isOver && ledgers.length === 1 && !invocation.isStarved) {
    problems.push(...untruths(ledgers[0] as PrintedLedger, invocation, acceptances));
  }
  return problems.map((problem) => `invocation ${number}: ${problem}`);
}

/** Items that may be delivered twice, as the function says. */
export function possiblyDuplicatedIn(ledger: PrintedLedger): number {
  return booksIn(ledger).reduce((sum, [, { possiblyDuplicated = 0 }]) => sum + possiblyDuplicated, 0);
}

function imbalances(ledger: PrintedLedger): string[] {
  const problems: string[] = [];
  const { events, logs, traceLines, metricLines, dropped, unaccounted } = ledger;
  if (unaccounted !== 0) problems.push(`its ledger has ${unaccounted} unaccounted`);
  const known = logs + traceLines + metricLines + total(dropped);
  if (events !== known) problems.push(`its ledger has ${events} events, and ${known} logs, other lines and dropped`);
  for (const [name, { offered, delivered, stored, failed }] of booksIn(ledger)) {
    const settled = delivered + total(stored) + total(failed);
    if (offered !== settled) problems.push(`its ledger has ${offered} offered to ${name}, and ${settled} settled`);
  }
  return problems;
}

/** The servers know what they took and said so. */
function untruths(ledger: PrintedLedger, invocation: Invocation, acceptances: Acceptance[]): string[] {
  const problems: string[] = [];
  const books = booksIn(ledger);
  const delivered = books.reduce((sum, [, { delivered }]) => sum + delivered, 0);
  const taken = acceptances.filter(
    (acceptance) => acceptance.invocation === invocation && acceptance.answer === "whole",
  );
  if (delivered !== taken.length) {
    problems.push(`its ledger has ${delivered} delivered, and the intake told it of ${taken.length}`);
  }
  if (!invocation.delivery) return problems;
  const stored = books.reduce((sum, [, { stored }]) => sum + total(stored), 0);
  if (stored !== invocation.itemsStored) {
    problems.push(`its ledger has ${stored} stored, and S3 told it of ${invocation.itemsStored}`);
  }
  return problems;
}

function booksIn({ destinations = {}, redrive }: PrintedLedger): [string, PrintedBooks][] {
  return [...Object.entries(destinations), ...(redrive ? ([["a redrive", redrive]] as [string, PrintedBooks][]) : [])];
}

function total(numbers: number | Record<string, number> | undefined): number {
  if (numbers === undefined) return 0;
  return typeof numbers === "number" ? numbers : Object.values(numbers).reduce((sum, number) => sum + number, 0);
}
