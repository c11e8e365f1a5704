/** Goes through log groups, page by page, and subscribes what is chosen. */
import { OutOfTimeError, type Patience, patient } from "./back-off.ts";
import { type Choice, hasTags, sweptPrefixes } from "./choice.ts";
import {
  type Filter,
  type Finding,
  type Forwarder,
  filterNameOf,
  functionNameIn,
  type LogGroup,
  type LogGroupsApi,
} from "./log-groups.ts";
import { fullReason, fullReasonForetold, MAX_FILTERS, ownFilters, type Plan, planFor } from "./plan.ts";

export interface Job {
  forwarder: Forwarder;
  /** Undefined: nothing is, so what subscribing made goes, everywhere. */
  choice: Choice | undefined;
  /** What was chosen before: whatever of it is chosen no more loses its filter. */
  former?: Choice | undefined;
  /** Functions, streams and destinations whose filters may be replaced. */
  replaceable: readonly string[];
  /** Log groups of the forwarder's own, beside `/aws/lambda/` and its name. */
  ownLogGroups: readonly string[];
  /** Only says what would be done. */
  isDryRun: boolean;
}

/** Where a sweep goes on. */
export interface Position {
  /** Which of the prefixes. */
  prefixAt: number;
  token: string;
  /** The last log group of the page that is done; "" = none. */
  after: string;
}

export interface Onlooker {
  found(finding: Finding): void;
  /** After every four log groups at most. @param count all that were looked at so far */
  progress(count: number): void;
}

const AT_ONCE = 4;
/** What the last few log groups of an invocation and handing on may take. */
const RESERVE_MS = 20_000;

/**
 * Every log group that the job could mean, in the order of their names; each is told to the onlooker when its turn was.
 *
 * What fails for one log group is a finding and keeps nobody. A sweep may be repeated, also in part: what is as it should
 * be stays.
 *
 * @returns where to go on when time is over; undefined = done
 * @throws whatever listing log groups throws for good
 */
export async function sweep(
  job: Job,
  api: LogGroupsApi,
  patience: Patience,
  onlooker: Onlooker,
  from: Position = { prefixAt: 0, token: "", after: "" },
): Promise<Position | undefined> {
  const inTime: Patience = { ...patience, msLeft: () => patience.msLeft() - RESERVE_MS };
  const calls = patient(api, inTime);
  const prefixes = sweptPrefixes(job.choice ? [job.choice, ...(job.former ? [job.former] : [])] : []);
  let { prefixAt, token, after } = from;
  let count = 0;
  try {
    for (; prefixAt < prefixes.length; prefixAt++) {
      do {
        const page = await calls.page(prefixes[prefixAt] as string, token);
        const rest = page.logGroups.filter(({ name }) => after === "" || comesAfter(name, after));
        for (let at = 0; at < rest.length; at += AT_ONCE) {
          if (inTime.msLeft() <= 0) return { prefixAt, token, after };
          const few = rest.slice(at, at + AT_ONCE);
          const findings = await Promise.all(few.map((logGroup) => visit(logGroup, job, calls)));
          for (const finding of findings) if (finding) onlooker.found(finding);
          after = few.at(-1)?.name ?? after;
          count += few.length;
          onlooker.progress(count);
        }
        token = page.nextToken;
        after = "";
      } while (token !== "");
    }
    return undefined;
  } catch (error) {
    if (error instanceof OutOfTimeError) return { prefixAt, token, after };
    throw error;
  }
}

/**
 * What becomes of one log group; undefined when it is not meant.
 *
 * @throws {OutOfTimeError}
 */
export async function visit(logGroup: LogGroup, job: Job, api: LogGroupsApi): Promise<Finding | undefined> {
  try {
    return await (job.choice ? visitChosen(logGroup, job, job.choice, api) : unsubscribe(logGroup, job, api, ""));
  } catch (error) {
    if (error instanceof OutOfTimeError) throw error;
    // It went while it was looked at.
    if ((error as Error).name === "ResourceNotFoundException") return undefined;
    return finding(logGroup, "failed", reasonOf(error));
  }
}

async function visitChosen(
  logGroup: LogGroup,
  job: Job,
  choice: Choice,
  api: LogGroupsApi,
): Promise<Finding | undefined> {
  const { name } = logGroup;
  if (!choice.hasName(name)) return job.former?.hasName(name) ? unsubscribe(logGroup, job, api, "") : undefined;
  if (choice.isExcluded(name)) return unsubscribe(logGroup, job, api, "it is excluded");
  if (isOwn(name, job)) {
    return finding(logGroup, "refused", "the forwarder's own log group: it would forward its own log for ever");
  }
  if (choice.tags.length > 0 && !hasTags(choice, await api.tags(logGroup.arn))) {
    return unsubscribe(logGroup, job, api, "its tags are others");
  }
  if (!["STANDARD", ""].includes(logGroup.logClass)) {
    return finding(logGroup, "left", `log groups of the class ${logGroup.logClass} take no subscription filter`);
  }
  if (await isOfForwarder(name, api)) {
    await unsubscribe(logGroup, job, api, "");
    return finding(
      logGroup,
      "refused",
      "CloudWatch Logs may invoke its function, so it may be another forwarder, and two that forward each other's log never end",
    );
  }
  const filters = await api.filters(name);
  return carryOut(logGroup, planFor(filters, job.forwarder, job.replaceable), filters, job, api);
}

/** Takes away what subscribing has made. */
async function unsubscribe(
  logGroup: LogGroup,
  { forwarder, isDryRun }: Job,
  api: LogGroupsApi,
  why: string,
): Promise<Finding | undefined> {
  const own = ownFilters(await api.filters(logGroup.name), forwarder);
  if (own.length === 0) return undefined;
  if (!isDryRun) for (const filter of own) await api.deleteFilter(logGroup.name, filter.name);
  return finding(logGroup, "removed", why);
}

async function carryOut(
  logGroup: LogGroup,
  plan: Plan,
  filters: readonly Filter[],
  { forwarder, isDryRun }: Job,
  api: LogGroupsApi,
): Promise<Finding> {
  const { status, why, puts, removed } = plan;
  const others = filters.filter((filter) => !removed.includes(filter) && filter.name !== filterNameOf(forwarder));
  if (isDryRun) {
    const isFull = puts && others.length >= MAX_FILTERS.older;
    return isFull ? finding(logGroup, "left", fullReasonForetold(others)) : finding(logGroup, status, why);
  }
  const ours: Filter = { name: filterNameOf(forwarder), destinationArn: forwarder.functionArn, pattern: "" };
  if (!puts) {
    for (const { name } of removed) await api.deleteFilter(logGroup.name, name);
    return finding(logGroup, status, why);
  }
  try {
    await api.putFilter(logGroup.name, ours);
  } catch (error) {
    if ((error as Error).name !== "LimitExceededException") throw error;
    if (removed.length === 0) return finding(logGroup, "left", fullReason(others));
    return exchange(logGroup, plan, others, ours, api);
  }
  for (const { name } of removed) await api.deleteFilter(logGroup.name, name);
  return finding(logGroup, status, why);
}

/** Where there is room for one of both only, what went comes back when ours is not taken. */
async function exchange(
  logGroup: LogGroup,
  { status, why, removed }: Plan,
  others: readonly Filter[],
  ours: Filter,
  api: LogGroupsApi,
): Promise<Finding> {
  for (const { name } of removed) await api.deleteFilter(logGroup.name, name);
  try {
    await api.putFilter(logGroup.name, ours);
    return finding(logGroup, status, why);
  } catch (error) {
    for (const filter of removed) await api.putFilter(logGroup.name, filter);
    if ((error as Error).name !== "LimitExceededException") throw error;
    return finding(logGroup, "left", fullReason(others));
  }
}

function isOwn(name: string, { forwarder, ownLogGroups }: Job): boolean {
  return name === `/aws/lambda/${functionNameIn(forwarder.functionArn)}` || ownLogGroups.includes(name);
}

/** A function that CloudWatch Logs may invoke reads logs, as forwarders do. */
async function isOfForwarder(logGroup: string, api: LogGroupsApi): Promise<boolean> {
  const functionName = /^\/aws\/lambda\/([\w-]{1,64})$/.exec(logGroup)?.[1];
  return functionName !== undefined && (await api.takesLogs(functionName));
}

/** CloudWatch Logs sorts names by their bytes, and they are ASCII. */
function comesAfter(name: string, other: string): boolean {
  return name > other;
}

/** AWS's messages name who asked and what for, and nothing secret. */
export function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message.split("\n")[0]}`;
}

function finding({ name }: LogGroup, status: Finding["status"], why: string): Finding {
  return { logGroup: name, status, why };
}
