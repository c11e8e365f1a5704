/** The figures of Lambda functions, kept up to date log by log. */
import type { LambdaReport } from "../formats/lambda-report.ts";
import { type InvocationFact, invocationFact } from "./lambda-line.ts";
import type { ReceivedLog } from "./received.ts";

/**
 * The list price of x86_64 in us-east-1, in USD: logs do not tell the architecture, the region's price or the discount.
 *
 * @see https://aws.amazon.com/lambda/pricing/
 */
const USD_PER_REQUEST = 0.0000002;
const USD_PER_GB_SECOND = 0.0000166667;

/** What the logs of one invocation say. */
interface Invocation {
  /** More than one where a request was tried again: Lambda keeps the request id. */
  reports: LambdaReport[];
  errors: number;
  timeouts: number;
  /** How many lines are counted here. */
  lines: number;
}

export interface FunctionTotals {
  name: string;
  invocations: number;
  errors: number;
  timeouts: number;
  coldStarts: number;
  /** Sorted. */
  durationsMs: number[];
  initDurationsMs: number[];
  billedMs: number;
  memorySizeMB: number;
  maxMemoryUsedMB: number;
  estimatedCostUsd: number;
}

export class FunctionFigures {
  readonly #functions = new Map<string, Map<string, Invocation>>();

  /** @param uid of this log alone, for lines that do not name their request */
  add(log: ReceivedLog, uid: number): boolean {
    const fact = factOf(log);
    if (!fact) return false;
    const invocations = this.#functions.get(log.origin.functionName) ?? new Map<string, Invocation>();
    this.#functions.set(log.origin.functionName, invocations);
    const key = log.requestId || String(uid);
    const invocation = invocations.get(key) ?? { reports: [], errors: 0, timeouts: 0, lines: 0 };
    invocations.set(key, invocation);
    if (fact.report) invocation.reports.push(fact.report);
    if (fact.isError) invocation.errors++;
    if (fact.isTimeout) invocation.timeouts++;
    invocation.lines++;
    return true;
  }

  /** @param log one that was added */
  remove(log: ReceivedLog, uid: number): void {
    const fact = factOf(log);
    const invocations = this.#functions.get(log.origin.functionName);
    const key = log.requestId || String(uid);
    const invocation = invocations?.get(key);
    if (!fact || !invocations || !invocation) return;
    if (fact.report) invocation.reports.splice(invocation.reports.findIndex(isSameAs(fact.report)), 1);
    if (fact.isError) invocation.errors--;
    if (fact.isTimeout) invocation.timeouts--;
    invocation.lines--;
    if (invocation.lines === 0) invocations.delete(key);
    if (invocations.size === 0) this.#functions.delete(log.origin.functionName);
  }

  /** By name. */
  totals(): FunctionTotals[] {
    return [...this.#functions]
      .map(([name, invocations]) => totalsOf(name, [...invocations.values()]))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function factOf({ origin, body }: ReceivedLog): InvocationFact | undefined {
  return origin.functionName === "" ? undefined : invocationFact(body);
}

function isSameAs(report: LambdaReport): (other: LambdaReport) => boolean {
  const text = JSON.stringify(report);
  return (other) => JSON.stringify(other) === text;
}

function totalsOf(name: string, invocations: Invocation[]): FunctionTotals {
  const reports = invocations.flatMap((invocation) => invocation.reports);
  const known = (of: (report: LambdaReport) => number | undefined): number[] =>
    reports.map(of).filter((value) => value !== undefined);
  const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
  const max = (numbers: number[]): number => numbers.reduce((most, number) => Math.max(most, number), 0);
  const initDurationsMs = known(({ initDurationMs }) => initDurationMs);
  return {
    name,
    invocations: reports.length,
    errors: invocations.filter(({ errors }) => errors > 0).length,
    timeouts: invocations.filter(({ timeouts }) => timeouts > 0).length,
    coldStarts: initDurationsMs.length,
    durationsMs: known(({ durationMs }) => durationMs).sort((a, b) => a - b),
    initDurationsMs: initDurationsMs.sort((a, b) => a - b),
    billedMs: sum(known(({ billedDurationMs }) => billedDurationMs)),
    memorySizeMB: max(known(({ memorySizeMB }) => memorySizeMB)),
    maxMemoryUsedMB: max(known(({ maxMemoryUsedMB }) => maxMemoryUsedMB)),
    estimatedCostUsd: sum(reports.map(costOf)),
  };
}

/** Memory counts for as long as it is billed. */
function costOf({ billedDurationMs = 0, memorySizeMB = 0 }: LambdaReport): number {
  return USD_PER_REQUEST + USD_PER_GB_SECOND * (billedDurationMs / 1000) * (memorySizeMB / 1024);
}
