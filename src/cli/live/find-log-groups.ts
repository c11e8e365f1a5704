/** Which log groups are meant: by name, by pattern, by CloudFormation stack. */
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CommandError } from "../command-error.ts";
import type { AwsClients } from "./aws-clients.ts";
import { awsProblem, isDenied } from "./aws-problem.ts";
import { type LogGroup, logGroupOfArn } from "./log-group.ts";
import { isLike, nearest } from "./name-pattern.ts";

/** Of log groups, functions or ARNs; patterns with `*`; stacks. */
export interface Wanted {
  names: readonly string[];
  patterns: readonly string[];
  stacks: readonly string[];
}

export interface Found {
  groups: LogGroup[];
  /** Functions of the stacks that have no log group yet. */
  awaited: string[];
}

/** More at once is no longer something to look at. */
export const MAX_LOG_GROUPS = 500;
/** Of those that are looked through for names that are like what was typed. */
const MAX_LOOKED_THROUGH = 5_000;

/**
 * @param say for what is worth knowing, such as a function without a log group
 * @throws {CommandError} when a name is unknown, nothing is like a pattern, or AWS does not answer
 */
export async function findLogGroups(wanted: Wanted, clients: AwsClients, say: (text: string) => void): Promise<Found> {
  const client = await clients.logs();
  const found = new Map<string, LogGroup>();
  const awaited: string[] = [];
  try {
    for (const name of wanted.names) add([await named(name)]);
    for (const pattern of wanted.patterns) add(await likePattern(pattern));
    for (const stack of wanted.stacks) add(await ofStack(stack));
  } finally {
    client.destroy();
  }
  return { groups: [...found.values()], awaited };

  function add(groups: LogGroup[]): void {
    for (const group of groups) found.set(group.arn, group);
    if (found.size <= MAX_LOG_GROUPS) return;
    throw new CommandError(
      `these are more than ${MAX_LOG_GROUPS} log groups`,
      "Name fewer: a longer --pattern, or one --stack.",
    );
  }

  async function named(name: string): Promise<LogGroup> {
    const ofArn = logGroupOfArn(name);
    if (ofArn) return ofArn;
    const group =
      (await exactly(name, client)) ?? (name.includes("/") ? undefined : await exactly(`/aws/lambda/${name}`, client));
    if (group) return group;
    const names: string[] = [];
    for await (const { name: other } of described(client, "")) {
      if (names.push(other) === MAX_LOOKED_THROUGH) break;
    }
    const near = nearest(name, names, 5);
    throw new CommandError(
      `there is no log group ${name}${name.includes("/") ? "" : ` and no /aws/lambda/${name}`} in this account and region`,
      near.length > 0
        ? `Like it are:\n${near.map((other) => `  ${other}`).join("\n")}`
        : "Check the region (--region) and the account (AWS_PROFILE): aws logs describe-log-groups --query 'logGroups[].logGroupName'",
    );
  }

  async function likePattern(pattern: string): Promise<LogGroup[]> {
    const groups = await allLike(pattern, client);
    if (groups.length > 0) return groups;
    throw new CommandError(
      `no log group is like ${pattern} in this account and region`,
      "A * stands for any characters, and the whole name must be like it: --pattern '/aws/lambda/shop-*'",
    );
  }

  async function ofStack(stackName: string): Promise<LogGroup[]> {
    const { functions, logGroups } = await resourcesOfStack(stackName, clients);
    const groups: LogGroup[] = [];
    for (const name of logGroups) {
      const group = await exactly(name, client);
      if (group) groups.push(group);
    }
    for (const name of functions) {
      const group = (await exactly(`/aws/lambda/${name}`, client)) ?? (await elsewhere(name));
      if (group) groups.push(group);
      else {
        awaited.push(name);
        say(
          `${name} has no log group yet: Lambda makes it when the function runs first, and it is followed from then on`,
        );
      }
    }
    if (groups.length > 0) return groups;
    throw new CommandError(
      `the stack ${stackName} has no function with a log group, and no log group`,
      "Call a function of it once, or name log groups.",
    );
  }

  /** A function may write to a log group of any name. */
  async function elsewhere(functionName: string): Promise<LogGroup | undefined> {
    const lambda = await clients.lambda();
    const { GetFunctionConfigurationCommand } = await import("@aws-sdk/client-lambda");
    try {
      const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
      return LoggingConfig?.LogGroup ? await exactly(LoggingConfig.LogGroup, client) : undefined;
    } catch {
      // It is only looked for; most functions have the usual one.
      return undefined;
    } finally {
      lambda.destroy();
    }
  }
}

/**
 * The log groups that are there now of those that are looked for again: none is no mistake.
 *
 * @throws {CommandError} when AWS does not answer
 */
export async function findLaterLogGroups(
  { patterns, awaited }: { patterns: readonly string[]; awaited: readonly string[] },
  clients: AwsClients,
): Promise<LogGroup[]> {
  const client = await clients.logs();
  const found: LogGroup[] = [];
  try {
    for (const pattern of patterns) found.push(...(await allLike(pattern, client)));
    for (const name of awaited) {
      const group = await exactly(`/aws/lambda/${name}`, client);
      if (group) found.push(group);
    }
  } finally {
    client.destroy();
  }
  return found;
}

async function exactly(name: string, client: CloudWatchLogsClient): Promise<LogGroup | undefined> {
  // The one with just this name comes first: names are in order.
  for await (const group of described(client, name)) return group.name === name ? group : undefined;
  return undefined;
}

/** One more than may be followed at most. */
async function allLike(pattern: string, client: CloudWatchLogsClient): Promise<LogGroup[]> {
  const groups: LogGroup[] = [];
  for await (const group of described(client, pattern.split("*")[0] as string)) {
    if (isLike(group.name, pattern) && groups.push(group) > MAX_LOG_GROUPS) break;
  }
  return groups;
}

async function* described(client: CloudWatchLogsClient, prefix: string): AsyncGenerator<LogGroup> {
  const { paginateDescribeLogGroups } = await import("@aws-sdk/client-cloudwatch-logs");
  try {
    const asked = prefix ? { logGroupNamePrefix: prefix } : {};
    for await (const { logGroups } of paginateDescribeLogGroups({ client }, asked)) {
      for (const { logGroupName: name, logGroupArn, arn = "", logGroupClass } of logGroups ?? []) {
        const isTailed = logGroupClass === undefined || logGroupClass === "STANDARD";
        if (name) yield { name, arn: logGroupArn ?? arn.replace(/:\*$/, ""), isTailed };
      }
    }
  } catch (error) {
    throw awsProblem("cannot list log groups", "logs:DescribeLogGroups, or give the log group's ARN,", error);
  }
}

/** What of a stack writes logs, and of the stacks in it. */
async function resourcesOfStack(
  stackName: string,
  clients: AwsClients,
): Promise<{ functions: string[]; logGroups: string[] }> {
  const client = await clients.cloudFormation();
  const { paginateListStackResources } = await import("@aws-sdk/client-cloudformation");
  const functions = new Set<string>();
  const logGroups = new Set<string>();
  const stacks = new Set([stackName]);
  try {
    // Stacks in it are added while the set is gone through.
    for (const StackName of stacks) {
      for await (const { StackResourceSummaries } of paginateListStackResources({ client }, { StackName })) {
        for (const { ResourceType, PhysicalResourceId: id } of StackResourceSummaries ?? []) {
          if (!id) continue;
          if (ResourceType === "AWS::Lambda::Function") functions.add(id);
          if (ResourceType === "AWS::Logs::LogGroup") logGroups.add(id);
          if (ResourceType === "AWS::CloudFormation::Stack") stacks.add(id);
        }
      }
    }
  } catch (error) {
    if (!isDenied(error) && /does not exist/.test((error as Error).message)) {
      throw new CommandError(
        `there is no stack ${stackName} in this account and region`,
        "Check the name, the region (--region) and the account: aws cloudformation list-stacks --query 'StackSummaries[].StackName'",
        { cause: error },
      );
    }
    throw awsProblem(`cannot read the stack ${stackName}`, "cloudformation:ListStackResources", error);
  } finally {
    client.destroy();
  }
  return { functions: [...functions], logGroups: [...logGroups] };
}
