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

/** Whether a destination had nothing left when the invocation ended, and the process knows it. */
export function hasSettled({ end, ledgers }: Invocation, destination: string): boolean {
  const books = ledgers[0]?.destinations?.[destination];
  return end?.how === "threw" && books !== undefined && total(books.failed) === 0;
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
  for (const kind of ["logs", "traces"]) {
    const shares = Object.entries(ledger.destinations ?? {})
      .filter(([name]) => name.endsWith(`-${kind}`))
      .map(([, { offered, skipped }]) => offered + total(skipped));
    if (new Set(shares).size > 1) problems.push(`its ledger has ${shares.join(" and ")} ${kind} for its destinations`);
  }
  return problems;
}

/** The servers know what they took and said so. A redrive has one book for all destinations. */
function untruths(ledger: PrintedLedger, invocation: Invocation, acceptances: Acceptance[]): string[] {
  const taken = acceptances.filter(
    (acceptance) => acceptance.invocation === invocation && acceptance.answer === "whole",
  );
  if (!invocation.delivery) {
    const delivered = booksIn(ledger).reduce((sum, [, { delivered }]) => sum + delivered, 0);
    if (delivered === taken.length) return [];
    return [`its ledger has ${delivered} delivered, and the backends told it of ${taken.length}`];
  }
  const { itemsStored } = invocation;
  const { destinations = {} } = ledger;
  const names = new Set([
    ...Object.keys(destinations),
    ...taken.map(({ destination }) => destination),
    ...Object.keys(itemsStored),
  ]);
  return [...names].flatMap((name) => {
    const { delivered = 0, stored } = destinations[name] ?? {};
    const told = taken.filter(({ destination }) => destination === name).length;
    const kept = itemsStored[name] ?? 0;
    return [
      ...(delivered === told ? [] : [`its ledger has ${delivered} delivered to ${name}, which told it of ${told}`]),
      ...(total(stored) === kept
        ? []
        : [`its ledger has ${total(stored)} stored of ${name}, and S3 told it of ${kept}`]),
    ];
  });
}

function booksIn({ destinations = {}, redrive }: PrintedLedger): [string, PrintedBooks][] {
  return [...Object.entries(destinations), ...(redrive ? ([["a redrive", redrive]] as [string, PrintedBooks][]) : [])];
}

function total(numbers: number | Record<string, number> | undefined): number {
  if (numbers === undefined) return 0;
  return typeof numbers === "number" ? numbers : Object.values(numbers).reduce((sum, number) => sum + number, 0);
}
