/**
 * What the Datadog Forwarder 5 makes of a delivery of CloudWatch Logs: a model of it, written from its behaviour and
 * sharing no code with what makes our own items, so that the two can be compared.
 *
 * What names the forwarder itself (name, version, ARN) is taken from the one that compares. AWS's tags are given: both ask
 * AWS the same. Not in the model: spans, metrics, scrubbing, and messages of AWS WAF, which are rewritten.
 *
 * @see https://github.com/DataDog/datadog-serverless-functions/tree/master/aws/logs_monitoring
 */
import type { Forwarder } from "../telemetry.ts";

/** What is in the bytes of a delivery. */
export interface DecodedDelivery {
  messageType: string;
  owner: string;
  logGroup: string;
  logStream: string;
  logEvents: { id: string; timestamp: number; message: string }[];
}

/**
 * - `log`: it sends `item`
 * - `trace`, `metric`: it sends the line as that, and not as a log
 * - `oversized`: it leaves the log out, as the item is larger than 512,000 bytes
 * - `failure`: it fails on the message, and the whole delivery with it
 */
export type DatadogForwarderEnd =
  | { kind: "log"; item: Record<string, unknown> }
  | { kind: "trace" | "metric" | "oversized" | "failure" };

export interface DatadogForwarderSettings {
  /** `DD_TAGS`. */
  tags: string;
  /** `DD_SOURCE`; "" = none. */
  source: string;
  /** AWS's tags of the log group, and of the function, as Datadog writes them. */
  logGroupTags: readonly string[];
  functionTags: readonly string[];
}

const MAX_ITEM_BYTES = 512_000;
/** A function with a log group of its own choice. */
const FUNCTION_STREAM = /^\d{4}\/\d{2}\/\d{2}\/([\w-]{1,140})\[(?:[\w$]{1,128})\][0-9a-f]{32}$/;

/** One end for each log event, in order. */
export function datadogForwarderEnds(
  delivery: DecodedDelivery,
  settings: DatadogForwarderSettings,
  forwarder: Forwarder,
): DatadogForwarderEnd[] {
  const { logGroup, logStream, owner } = delivery;
  const named = FUNCTION_STREAM.exec(logStream)?.[1];
  const source = settings.source || (named ? "lambda" : sourceOf(logGroup.toLowerCase(), logStream));
  const isFunction = named !== undefined || logGroup.toLowerCase().startsWith("/aws/lambda");
  const functionName = isFunction ? (named ?? logGroup.split("/lambda/")[1])?.toLowerCase() : undefined;
  // Its own account, whosever the log group is.
  const [, , , region = forwarder.region, account = ""] = forwarder.functionArn.split(":");
  const prefix = forwarder.functionArn.split("function:")[0];
  const functionArn = functionName && `${prefix}function:${functionName}`;
  const aws = {
    awslogs: { logGroup, logStream, owner },
    invoked_function_arn: forwarder.invokedFunctionArn,
    ...(forwarder.functionVersion && { function_version: forwarder.functionVersion }),
  };
  const common = [
    ...list(settings.tags),
    `forwardername:${forwarder.functionName.toLowerCase()}`,
    `forwarder_version:${forwarder.version}`,
    ...(settings.source ? ["source_overridden:true"] : []),
    ...settings.logGroupTags,
  ];

  return delivery.logEvents.map((event): DatadogForwarderEnd => {
    const value = parsed(event.message);
    if (isMetric(value)) return { kind: "metric" };
    if (isTrace(value)) return { kind: "trace" };
    let { message } = event;
    let own: string[] = [];
    if (isObject(value) && value.ddtags) {
      if (typeof value.ddtags !== "string") return { kind: "failure" };
      own = list(value.ddtags.replaceAll(" ", ""));
      const { ddtags: _, ...rest } = value;
      message = JSON.stringify(rest);
    }
    const item = { ...event, message, aws, ddsourcecategory: "aws", ddsource: source, ...hostOf(), ...tagged(own) };
    const isOversized = Buffer.byteLength(JSON.stringify(item)) > MAX_ITEM_BYTES;
    return isOversized ? { kind: "oversized" } : { kind: "log", item };
  });

  function hostOf(): object {
    return functionArn ? { host: functionArn, lambda: { arn: functionArn } } : { host: logGroup };
  }

  function tagged(own: readonly string[]): { ddtags: string; service: string } {
    const ofEvent = firstService(own) ?? firstService(common);
    const service = ofEvent ?? (functionName && (firstService(settings.functionTags) ?? functionName)) ?? source;
    const tags = [...common];
    if (functionName) {
      const others = settings.functionTags.filter((tag) => !tag.startsWith("service:"));
      const about = [`aws_account:${account}`, `functionname:${functionName}`, `region:${region}`];
      if (!ofEvent) about.push(`service:${service}`);
      if (![...common, ...others, ...own].some((tag) => tag.startsWith("env:"))) tags.push("env:none");
      tags.push(...new Set([...about, ...others].sort()));
    }
    const kept = firstService(own) === undefined ? tags : tags.filter((tag) => !tag.startsWith("service:"));
    const all = [...kept, ...own];
    const first = all.findIndex((tag) => tag.startsWith("service:"));
    return { ddtags: all.filter((tag, at) => !tag.startsWith("service:") || at === first).join(","), service };
  }
}

function sourceOf(logGroup: string, logStream: string): string {
  if (logStream.includes("_CloudTrail_")) return "cloudtrail";
  const prefixes = { "/aws/kinesis": "kinesis", "/aws/lambda": "lambda", "sns/": "sns" };
  for (const [prefix, source] of Object.entries(prefixes)) if (logGroup.startsWith(prefix)) return source;
  return logGroup.includes("cloudtrail") ? "cloudtrail" : "cloudwatch";
}

function list(tags: string): string[] {
  return tags.split(",").flatMap((tag) => tag.trim() || []);
}

function firstService(tags: readonly string[]): string | undefined {
  return tags.find((tag) => /^service:./.test(tag))?.slice("service:".length);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMetric(value: unknown): boolean {
  if (!isObject(value) || !["m", "v", "e", "t"].every((key) => Object.hasOwn(value, key))) return false;
  return Array.isArray(value.t) && typeof value.v === "number";
}

function isTrace(value: unknown): boolean {
  const chunk = isObject(value) && Array.isArray(value.traces) ? (value.traces[0] as unknown) : undefined;
  const span: unknown = Array.isArray(chunk) ? chunk[0] : undefined;
  return isObject(span) && Object.hasOwn(span, "trace_id");
}

function parsed(message: string): unknown {
  // All that is looked for are objects.
  if (!message.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
