import type { Patience } from "../../src/subscriptions/back-off.ts";
import { type ChoiceSettings, choiceOf } from "../../src/subscriptions/choice.ts";
import type { Filter, Finding, LogGroupsApi } from "../../src/subscriptions/log-groups.ts";
import type { Job } from "../../src/subscriptions/sweep.ts";

export const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:forwarder";
export const forwarder = { functionArn, stackName: "stack" };
export const ourName = "subscribed-to-forwarder";
export const streamArn = (name: string) => `arn:aws:kinesis:eu-west-1:123456789012:stream/${name}`;

export const ours: Filter = { name: ourName, destinationArn: functionArn, pattern: "" };
export const foreign = (name: string): Filter => ({ name, destinationArn: streamArn(name), pattern: "" });

export interface TestLogGroups extends LogGroupsApi {
  /** The names of the filters of each log group that has any. */
  all(): Record<string, string[]>;
  /** The calls that changed something. */
  changes: string[];
}

interface Given {
  filters?: Filter[];
  tags?: Record<string, string>;
  logClass?: string;
}

/** CloudWatch Logs in memory, with pages of five and two filters for a log group. */
export function someLogGroups(given: Record<string, Given>, forwarders: string[] = []): TestLogGroups {
  const filters = new Map(Object.entries(given).map(([name, it]) => [name, [...(it.filters ?? [])]]));
  const changes: string[] = [];
  const arnOf = (name: string) => `arn:${name}`;
  const find = (name: string) => {
    const found = filters.get(name);
    if (!found) throw named("ResourceNotFoundException");
    return found;
  };
  return {
    changes,
    all: () =>
      Object.fromEntries(
        [...filters].flatMap(([name, own]) => (own.length > 0 ? [[name, own.map((it) => it.name)]] : [])),
      ),
    async page(prefix, token) {
      const rest = [...filters.keys()].filter((name) => name.startsWith(prefix) && name > token).sort();
      const names = rest.slice(0, 5);
      return {
        logGroups: names.map((name) => ({ name, arn: arnOf(name), logClass: given[name]?.logClass ?? "STANDARD" })),
        nextToken: rest.length > 5 ? (names.at(-1) as string) : "",
      };
    },
    filters: async (name) => [...find(name)],
    tags: async (arn) => new Map(Object.entries(given[arn.slice(4)]?.tags ?? {})),
    async putFilter(name, filter) {
      const others = find(name).filter((it) => it.name !== filter.name);
      if (others.length >= 2) throw named("LimitExceededException");
      filters.set(name, [...others, filter]);
      changes.push(`put ${name} ${filter.name}`);
    },
    async deleteFilter(name, filterName) {
      filters.set(
        name,
        find(name).filter((it) => it.name !== filterName),
      );
      changes.push(`delete ${name} ${filterName}`);
    },
    takesLogs: async (functionName) => forwarders.includes(functionName),
  };
}

export function aJob(choice: Partial<ChoiceSettings> = {}, more: Partial<Job> = {}): Job {
  const settings = { prefixes: [], pattern: "", tags: [], exclude: [], ...choice };
  return { forwarder, choice: choiceOf(settings), replaceable: [], ownLogGroups: [], isDryRun: false, ...more };
}

export const unhurried: Patience = {
  msLeft: () => Number.POSITIVE_INFINITY,
  sleep: async () => undefined,
  random: () => 0.5,
};

/** An onlooker that keeps what it is told, and what it kept by log group. */
export function anOnlooker() {
  const findings: Finding[] = [];
  return {
    findings,
    statuses: () => Object.fromEntries(findings.map(({ logGroup, status }) => [logGroup, status])),
    found: (finding: Finding) => void findings.push(finding),
    progress: () => undefined,
  };
}

export function named(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
