/** Understands what AWS answers about a function and its stack, from the SDK or as the `aws` command prints it. */
import { isJsonObject } from "../../formats/json-object.ts";
import type { OldForwarder, Trigger } from "./old-forwarder.ts";

/** Lambda's GetFunctionConfiguration. */
export function addConfiguration(to: OldForwarder, answer: object): void {
  const { FunctionName, FunctionArn, Description, Handler, Environment, MemorySize, Timeout, VpcConfig, Layers } =
    answer as Record<string, unknown>;
  to.functionName = text(FunctionName);
  to.functionArn = text(FunctionArn);
  to.description = text(Description);
  to.handler = text(Handler);
  to.variables = texts(field(Environment, "Variables"));
  to.memorySizeMB = typeof MemorySize === "number" ? MemorySize : null;
  to.timeoutSeconds = typeof Timeout === "number" ? Timeout : null;
  to.subnetIds = list(field(VpcConfig, "SubnetIds")).map(text);
  to.securityGroupIds = list(field(VpcConfig, "SecurityGroupIds")).map(text);
  to.layers = list(Layers).map((layer) => text(field(layer, "Arn")));
}

/** Lambda's GetFunction. */
export function addFunction(to: OldForwarder, answer: object): void {
  const { Configuration, Tags, Concurrency } = answer as Record<string, unknown>;
  if (isJsonObject(Configuration)) addConfiguration(to, Configuration);
  to.tags = texts(Tags);
  const reserved = field(Concurrency, "ReservedConcurrentExecutions");
  to.reservedConcurrency = typeof reserved === "number" ? reserved : null;
  to.stackName ||= to.tags["aws:cloudformation:stack-name"] ?? "";
}

/** One of CloudFormation's DescribeStacks. */
export function addStack(to: OldForwarder, answer: object): void {
  const { StackName, Description, Parameters } = answer as Record<string, unknown>;
  to.stackName = text(StackName);
  to.stackDescription = text(Description);
  const pairs = list(Parameters).map((parameter): [string, string] => [
    text(field(parameter, "ParameterKey")),
    text(field(parameter, "ParameterValue")),
  ]);
  to.parameters = Object.fromEntries(pairs);
}

/**
 * Lambda's GetPolicy: who may invoke the function.
 *
 * @throws {SyntaxError} when the policy is no JSON
 */
export function addPolicy(to: OldForwarder, policy: string): void {
  const statements = [field(JSON.parse(policy), "Statement")].flat();
  to.triggers = [...(to.triggers ?? []), ...statements.flatMap(triggersIn)];
}

function triggersIn(statement: unknown): Trigger[] {
  if (field(statement, "Effect") !== "Allow") return [];
  const services = [field(field(statement, "Principal"), "Service")].flat().map(text);
  const sourceArns = conditionsIn(field(statement, "Condition"));
  // `logs.amazonaws.com`, `logs.eu-west-1.amazonaws.com`, `logs.amazonaws.com.cn`.
  return services.flatMap((service) => {
    const name = /^([\w-]+)\.(?:[\w-]+\.)?amazonaws\.com/.exec(service)?.[1];
    return name === undefined ? [] : sourceArns.map((sourceArn) => ({ service: name, sourceArn }));
  });
}

/** The sources that a condition allows; one that is "" where it asks for none. */
function conditionsIn(condition: unknown): string[] {
  const sources = Object.values(isJsonObject(condition) ? condition : {}).flatMap((keys) =>
    Object.entries(isJsonObject(keys) ? keys : {}).flatMap(([key, value]) =>
      key.toLowerCase() === "aws:sourcearn" ? [value].flat().map(text) : [],
    ),
  );
  return sources.length > 0 ? sources : [""];
}

/** Lambda's ListEventSourceMappings: what Lambda polls for the function. */
export function addEventSources(to: OldForwarder, mappings: readonly unknown[]): void {
  const triggers = mappings.map((mapping) => {
    const sourceArn = text(field(mapping, "EventSourceArn"));
    return { service: sourceArn.split(":")[2] || "event source", sourceArn };
  });
  to.triggers = [...(to.triggers ?? []), ...triggers];
}

export function field(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): Record<string, string> {
  const pairs = Object.entries(isJsonObject(value) ? value : {});
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}
