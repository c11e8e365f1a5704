/** Asks AWS about a function. The SDK's clients load when they are needed. */
import { CommandError } from "../command-error.ts";
import { addConfiguration, addEventSources, addFunction, addPolicy, addStack } from "./answers.ts";
import { nothingKnown, type OldForwarder, type Subscription } from "./old-forwarder.ts";

/** Log groups that are looked at for a filter, where the policy does not name them. */
const MAX_LOG_GROUPS = 1_000;
/** CloudWatch Logs answers ten such calls a second. */
const LOG_GROUPS_AT_ONCE = 4;

export interface Whereabouts {
  /** Name or ARN. */
  functionName: string;
  /** "" = found by the function's tag. */
  stackName: string;
  /** "" = the ARN's, else that of the environment. */
  region: string;
}

/**
 * What is known of a deployed function. What may not be read beside its configuration is remarked on.
 *
 * @throws {CommandError} when the configuration cannot be read
 */
export async function forwarderInAccount({ functionName, stackName, region }: Whereabouts): Promise<OldForwarder> {
  const ofArn = functionName.startsWith("arn:") ? functionName.split(":")[3] : "";
  const client = { ...((region || ofArn) && { region: region || (ofArn as string) }), maxAttempts: 5 };
  const forwarder = nothingKnown();
  forwarder.stackName = stackName;
  await addFunctionOf(forwarder, functionName, client);
  await addStackOf(forwarder, client);
  await addTriggersOf(forwarder, functionName, client);
  await addSubscriptionsOf(forwarder, client);
  return forwarder;
}

type Client = { region?: string; maxAttempts: number };

async function addFunctionOf(forwarder: OldForwarder, FunctionName: string, config: Client): Promise<void> {
  const sdk = await import("@aws-sdk/client-lambda");
  const client = new sdk.LambdaClient(config);
  try {
    addFunction(forwarder, await client.send(new sdk.GetFunctionCommand({ FunctionName })));
  } catch (error) {
    if (!isDenied(error)) throw cannotRead(FunctionName, error);
    try {
      addConfiguration(forwarder, await client.send(new sdk.GetFunctionConfigurationCommand({ FunctionName })));
    } catch (second) {
      throw cannotRead(FunctionName, second);
    }
    forwarder.remarks.push(
      "The function's tags and reserved concurrency are not known: lambda:GetFunction is denied. Name its stack with --stack.",
    );
  }
}

async function addStackOf(forwarder: OldForwarder, config: Client): Promise<void> {
  const { stackName: StackName } = forwarder;
  if (!StackName) {
    forwarder.remarks.push(
      "The function has no tag of a CloudFormation stack, so there are only its variables; --stack names one.",
    );
    return;
  }
  const sdk = await import("@aws-sdk/client-cloudformation");
  try {
    const { Stacks } = await new sdk.CloudFormationClient(config).send(new sdk.DescribeStacksCommand({ StackName }));
    if (Stacks?.[0]) addStack(forwarder, Stacks[0]);
  } catch (error) {
    forwarder.remarks.push(`The parameters of the stack ${StackName} are not known: ${reasonOf(error)}.`);
  }
}

async function addTriggersOf(forwarder: OldForwarder, FunctionName: string, config: Client): Promise<void> {
  const sdk = await import("@aws-sdk/client-lambda");
  const client = new sdk.LambdaClient(config);
  try {
    const { Policy } = await client.send(new sdk.GetPolicyCommand({ FunctionName }));
    addPolicy(forwarder, Policy ?? "{}");
  } catch (error) {
    // A function that nobody may invoke has no policy.
    if ((error as Error).name === "ResourceNotFoundException") forwarder.triggers = [];
    else forwarder.remarks.push(`Who may invoke the function is not known: lambda:GetPolicy, ${reasonOf(error)}.`);
  }
  try {
    for await (const page of sdk.paginateListEventSourceMappings({ client }, { FunctionName })) {
      addEventSources(forwarder, page.EventSourceMappings ?? []);
    }
  } catch (error) {
    forwarder.remarks.push(
      `What Lambda polls for the function is not known: lambda:ListEventSourceMappings, ${reasonOf(error)}.`,
    );
  }
}

/** The subscription filters that lead to the function, of the log groups that its policy names, else of all there are. */
async function addSubscriptionsOf(forwarder: OldForwarder, config: Client): Promise<void> {
  const sources = (forwarder.triggers ?? []).filter(({ service }) => service === "logs");
  if (sources.length === 0) return;
  const sdk = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new sdk.CloudWatchLogsClient(config);
  try {
    const named = logGroupsNamedBy(sources.map(({ sourceArn }) => sourceArn));
    const logGroups = named ?? (await allLogGroups());
    forwarder.subscriptions = (await inGroups(logGroups, filtersOf)).flat();
  } catch (error) {
    forwarder.remarks.push(
      `The subscriptions are not known: ${reasonOf(error)}. logs:DescribeLogGroups and logs:DescribeSubscriptionFilters tell them.`,
    );
  }

  async function allLogGroups(): Promise<string[]> {
    const names: string[] = [];
    for await (const { logGroups } of sdk.paginateDescribeLogGroups({ client }, {})) {
      names.push(...(logGroups ?? []).flatMap(({ logGroupName }) => logGroupName ?? []));
      if (names.length < MAX_LOG_GROUPS) continue;
      forwarder.remarks.push(`There are more log groups than the first ${MAX_LOG_GROUPS}, which were looked at.`);
      break;
    }
    return names.slice(0, MAX_LOG_GROUPS);
  }

  async function filtersOf(logGroupName: string): Promise<Subscription[]> {
    try {
      const answer = await client.send(new sdk.DescribeSubscriptionFiltersCommand({ logGroupName }));
      return (answer.subscriptionFilters ?? [])
        .filter(({ destinationArn = "" }) => leadsTo(destinationArn, forwarder.functionArn))
        .map(({ filterName = "", filterPattern = "" }) => ({ logGroup: logGroupName, filterName, filterPattern }));
    } catch (error) {
      // A policy may name what is there no more.
      if ((error as Error).name === "ResourceNotFoundException") return [];
      throw error;
    }
  }
}

/** The log groups that the sources of a policy name; undefined where one stands for more than one. */
export function logGroupsNamedBy(sourceArns: readonly string[]): string[] | undefined {
  const names = sourceArns.map((arn) => /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:*?]+)(?::\*)?$/.exec(arn)?.[1]);
  return names.includes(undefined) ? undefined : [...new Set(names as string[])];
}

/** A version or alias may stand behind the function's name. */
function leadsTo(destinationArn: string, functionArn: string): boolean {
  return destinationArn.split(":", 7).join(":") === functionArn.split(":", 7).join(":");
}

async function inGroups<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += LOG_GROUPS_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + LOG_GROUPS_AT_ONCE).map(work))));
  }
  return results;
}

function cannotRead(functionName: string, error: unknown): CommandError {
  return new CommandError(`cannot read the function ${functionName}: ${reasonOf(error)}`, remedyFor(error), {
    cause: error,
  });
}

function remedyFor(error: unknown): string {
  const { name, message } = error as Error;
  if (name === "ResourceNotFoundException") {
    return "Check the name, the region (--region) and the account: aws lambda list-functions --query 'Functions[].FunctionName'";
  }
  if (isDenied(error)) {
    return "Ask for lambda:GetFunction, or let somebody who may read it save it: aws lambda get-function --function-name … > function.json, then --file function.json";
  }
  if (name === "CredentialsProviderError" || /expired|security token|credential/i.test(message)) {
    return "Log in to AWS (aws sso login, aws configure), or give a saved configuration: --file function.json";
  }
  if (/region is missing/i.test(message)) return "Say which region: --region eu-west-1, or AWS_REGION";
  return "Check the network and the region, or give a saved configuration: --file function.json";
}

function isDenied(error: unknown): boolean {
  return /^(?:AccessDenied|UnauthorizedOperation|Forbidden)/.test((error as Error).name);
}

/** AWS's messages of denial name who asked and what for, and nothing secret. */
function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  const [sentence = ""] = message.split("\n");
  return name === "Error" ? sentence : `${name}: ${sentence}`;
}
