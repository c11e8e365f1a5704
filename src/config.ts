/**
 * The knobs: every setting in one row: variable, default, and above it the meaning. The table in docs/settings.md is
 * printed from the rows.
 *
 * An empty variable means the default, as in the Datadog Forwarder's template.
 */

import type { DestinationEntry } from "./config/destinations.ts";
import type { OtlpConfig } from "./config/otlp.ts";

export type LogLevel = "DEBUG" | "INFO" | "WARN" | "ERROR";

/** A setting that cannot be used. Its message says what it must be; it never repeats a secret. */
class SettingError extends Error {}

interface Setting<Value> {
  /** The variable, then its aliases; the first that is set wins. */
  variables: readonly string[];
  default: Value;
  /** Given to `read` as it is: its white space means something. */
  isVerbatim?: true;
  /** @throws {SettingError} */
  read(text: string, warn: (problem: string) => void): Value;
}

export const settings = {
  /** Datadog API key in plain text. For trying out; a deployment uses one of the next three. */
  apiKey: secret(["DD_API_KEY"], isApiKey, "the 32 characters of a Datadog API key"),
  /** Secret with the API key, as text or as JSON with a `DD_API_KEY` field. Wins over the others. */
  apiKeySecretArn: matching(
    ["DD_API_KEY_SECRET_ARN"],
    /^arn:[^:\s]+:secretsmanager:[^:\s]+:[^:\s]+:secret:\S+$/,
    "the ARN of a Secrets Manager secret",
    "",
  ),
  /** SSM parameter with the API key. Wins over `DD_API_KEY`. */
  apiKeySsmName: matching(["DD_API_KEY_SSM_NAME"], /^[\w./:-]+$/, "the name or ARN of an SSM parameter", ""),
  /** Datadog API key as the base64 text of what KMS encrypted without encryption context. Wins over `DD_API_KEY`. */
  apiKeyCiphertext: secret(["DD_KMS_API_KEY"], isCiphertext, "the base64 text of a key that KMS encrypted"),
  /** Datadog site. */
  site: matching(["DD_SITE"], /^[a-z0-9.-]+$/i, "a host name such as datadoghq.eu", "datadoghq.com"),
  /** Host of the logs intake. Default: `http-intake.logs.` and the site. */
  logsHost: matching(["DD_URL"], /^[a-z0-9.-]+$/i, "a host name without https://, port and path", ""),
  /** Port of the logs intake. */
  logsPort: integer(["DD_PORT"], 1, 65_535, 443),
  /** Send over http instead of https. */
  noSsl: flag(["DD_NO_SSL"], false),
  /** Accept any certificate of the intake. */
  skipSslValidation: flag(["DD_SKIP_SSL_VALIDATION"], false),
  /** URL of the trace intake, without `/api/v0.2/traces`. Default: `https://trace.agent.` and the site. */
  traceIntakeUrl: url(["DD_TRACE_INTAKE_URL"], "https://trace.agent.datadoghq.eu"),
  /** URL of the metrics intake, without `/api/v1/distribution_points`. Default: `https://api.` and the site. */
  apiUrl: url(["DD_API_URL"], "https://api.datadoghq.eu"),
  /** Proxy for requests over https: `http://user:password@proxy.example.com:3128`. */
  httpsProxy: proxy(["DD_HTTP_PROXY", "HTTPS_PROXY", "https_proxy"]),
  /** Proxy for requests over http. */
  httpProxy: proxy(["DD_HTTP_PROXY", "HTTP_PROXY", "http_proxy"]),
  /** What is reached without a proxy: hosts with all below them, `host:port`, addresses, `10.0.0.0/8`; `*` is all. */
  noProxy: text(["NO_PROXY", "no_proxy"], ""),
  /** Functions that are invoked asynchronously with the event as it came: ARNs or names, separated by commas. */
  additionalTargets: functions(["DD_ADDITIONAL_TARGET_LAMBDAS"]),
  /** Name a bucket in the path of an S3 URL, not in its host. For S3 endpoints in a VPC. */
  useVpc: flag(["DD_USE_VPC"], false),
  /** Tags for every log and span, `key:value`, separated by commas. */
  tags: text(["DD_TAGS"], ""),
  /** `ddsource` of every log, instead of the one found; such logs get the tag `source_overridden:true`. */
  source: text(["DD_SOURCE"], ""),
  /** Let Datadog add the tags of the S3 bucket that a log is from. */
  enrichS3Tags: flag(["DD_ENRICH_S3_TAGS"], true),
  /** Let Datadog add the tags of the log group that a log is from. */
  enrichCloudwatchTags: flag(["DD_ENRICH_CLOUDWATCH_TAGS"], true),
  /** Let Datadog make traces of the logs of Step Functions. */
  stepFunctionsTraceEnabled: flag(["DD_STEP_FUNCTIONS_TRACE_ENABLED"], false),
  /** `false` sends traces and metrics and leaves the logs; the ledger counts what was skipped. */
  forwardLog: flag(["DD_FORWARD_LOG", "DdForwarderLog"], true),
  /** Make a span of what Lambda's own lines tell of a request, where the function has no tracer. */
  functionSpans: flag(["FUNCTION_SPANS"], false),
  /** Which share of the traces keeps its logs, 0 to 1. Traces with an error keep theirs, and requests count as traces. */
  logSamplingRate: share(["LOG_SAMPLING_RATE"], 1),
  /** Traces and requests that take longer keep their logs, too. 0: their time does not matter. */
  keepSlowerThanMs: integer(["LOG_SAMPLING_KEEP_SLOWER_THAN_MS"], 0, 1_000_000_000, 0),
  /** Only logs whose message this pattern matches are forwarded. Python's syntax without look-ahead and back-references. */
  includeAtMatch: verbatim(["INCLUDE_AT_MATCH"]),
  /** Logs whose message this pattern matches are not forwarded, also where `INCLUDE_AT_MATCH` matches. */
  excludeAtMatch: verbatim(["EXCLUDE_AT_MATCH"]),
  /** Lines that this pattern matches at their beginning begin a log, those between go on with it: in objects of S3 whose first line it matches, and in log streams. */
  multilinePattern: verbatim(["DD_MULTILINE_LOG_REGEX_PATTERN"]),
  /** An object of S3 that decompresses to more than this many MB is read up to there, and its notification fails. */
  maxObjectMegabytes: integer(["S3_MAX_OBJECT_MEGABYTES"], 1, 1_000_000, 10_240),
  /** IPv4 addresses become `xxx.xxx.xxx.xxx`, in logs, traces and metric lines. */
  redactIp: flag(["REDACT_IP"], false),
  /** Email addresses become `xxxxx@xxxxx.com`, in logs, traces and metric lines. */
  redactEmail: flag(["REDACT_EMAIL"], false),
  /** What this pattern matches is replaced, in logs, traces and metric lines, after the two above. */
  scrubbingRule: verbatim(["DD_SCRUBBING_RULE"]),
  /** What takes its place; `\1` and `\g<name>` are groups of the pattern. Default: nothing. */
  scrubbingReplacement: verbatim(["DD_SCRUBBING_RULE_REPLACEMENT"]),
  /** Replace attributes of spans that are the number of a payment card. */
  obfuscateCardNumbers: flag(["DD_APM_OBFUSCATION_CREDIT_CARDS_ENABLED"], true),
  /** Replace the stack traces of spans with errors. */
  removeStackTraces: flag(["DD_APM_OBFUSCATION_REMOVE_STACK_TRACES"], false),
  /** Send gzip. */
  useCompression: flag(["DD_USE_COMPRESSION"], true),
  /** gzip level, 0 to 9; other numbers count as the nearest. */
  compressionLevel: integer(["DD_COMPRESSION_LEVEL"], 0, 9, 6, "clamp"),
  /** Store what an intake does not take, and send it again later. Needs one of the next two. */
  storeFailedEvents: flag(["DD_STORE_FAILED_EVENTS"], false),
  /** S3 bucket for what an intake does not take. */
  bucket: matching(["DD_S3_BUCKET_NAME"], /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket", ""),
  /** SQS queue for it instead. Wins over the bucket. */
  sqsQueueUrl: url(["DD_SQS_QUEUE_URL"], "https://sqs.eu-west-1.amazonaws.com/123456789012/failed-events"),
  /** Add the tags of Lambda functions to their logs. */
  fetchLambdaTags: flag(["DD_FETCH_LAMBDA_TAGS"], false),
  /** Add the tags of log groups to their logs. */
  fetchLogGroupTags: flag(["DD_FETCH_LOG_GROUP_TAGS"], false),
  /** Add the tags of S3 buckets to the logs in them. */
  fetchS3Tags: flag(["DD_FETCH_S3_TAGS"], false),
  /** How long tags count as fresh, in seconds, plus up to 100 so that not all are fetched at once. */
  tagsCacheTtlSeconds: integer(["DD_TAGS_CACHE_TTL_SECONDS"], 0, 2_592_000, 300, "clamp"),
  /** Give back alone the records of SQS, Kinesis and Kafka that cannot be read. Only where the event source mappings have `ReportBatchItemFailures`. */
  reportBatchItemFailures: flag(["REPORT_BATCH_ITEM_FAILURES"], false),
  /** DynamoDB table in which processes tell each other the traces of requests that go on. Without it each remembers its own. */
  correlationTable: matching(["CORRELATION_TABLE"], /^[\w.:/-]{3,1024}$/, "the name or ARN of a DynamoDB table", ""),
  /** How long logs of a request that goes on wait at the end of a delivery for its trace to show up in the table. */
  correlationHoldMs: integer(["CORRELATION_HOLD_MS"], 0, 10_000, 0),
  /** More destinations, as a JSON list: [docs/destinations.md](destinations.md). */
  destinationTable: text(["DESTINATIONS"], ""),
  /** Send nothing, and count in the ledger how logs would differ from the Datadog Forwarder's; docs/shadow.md. */
  shadowMode: flag(["SHADOW_MODE"], false),
  /** Of the forwarder's own log: DEBUG, INFO, WARN, ERROR. The ledger is always printed. */
  logLevel: level(["DD_LOG_LEVEL"], "INFO"),
} satisfies Record<string, Setting<unknown>>;

/** Variables that hold patterns. `handlers/check-patterns.ts` tries them. */
export const PATTERN_VARIABLES = [
  "INCLUDE_AT_MATCH",
  "EXCLUDE_AT_MATCH",
  "DD_SCRUBBING_RULE",
  "DD_MULTILINE_LOG_REGEX_PATTERN",
] as const;

/** What was found out about the settings, a sentence each. */
export interface Findings {
  problems: readonly string[];
  warnings: readonly string[];
  /** What is sent by OpenTelemetry's protocol; null: it cannot be used; absent: nothing is. */
  otlp?: OtlpConfig | null;
  /** What the table of destinations says. */
  destinations?: readonly DestinationEntry[];
}
/** A function's name, partial ARN or ARN, each with a version or alias or without. */
const FUNCTION =
  /^(?:arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:|\d{12}:function:)?[\w-]{1,140}(?::[\w$-]{1,128})?$/;

type Values = { [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer Value> ? Value : never };

export interface Config extends Values {
  /** What works but is probably not meant, a sentence each. */
  warnings: string[];
  /** Whether a Datadog API key is configured. */
  sendsToDatadog: boolean;
  /** Null: nothing is sent by OpenTelemetry's protocol. */
  otlp: OtlpConfig | null;
  /** Those of the table. */
  destinations: readonly DestinationEntry[];
}

/** Exists so that every bad setting is named at once, with its remedy, before the first delivery. */
export class ConfigError extends Error {
  override name = "ConfigError";
  constructor(readonly problems: string[]) {
    super(`Invalid configuration:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/**
 * @param env usually `process.env`
 * @param found what is known already, to be told together with the rest
 * @throws {ConfigError} when any setting is invalid or no backend is configured
 */
export function parseConfig(
  env: Readonly<Record<string, string | undefined>>,
  ...found: readonly (Findings | undefined)[]
): Config {
  const problems = found.flatMap((findings) => findings?.problems ?? []);
  const warnings = found.flatMap((findings) => findings?.warnings ?? []);
  const { otlp, destinations = [] }: Partial<Findings> = Object.assign({}, ...found);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings) as [string, Setting<unknown>][]) {
    const variable = setting.variables.find((candidate) => env[candidate]?.trim());
    values[name] = setting.default;
    if (variable === undefined) continue;
    const given = env[variable] as string;
    try {
      values[name] = setting.read(setting.isVerbatim ? given : given.trim(), (problem) =>
        warnings.push(`${variable} ${problem}`),
      );
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      problems.push(`${variable} ${error.message}`);
    }
  }
  const sources = ["DD_API_KEY", "DD_API_KEY_SECRET_ARN", "DD_API_KEY_SSM_NAME", "DD_KMS_API_KEY"];
  const sendsToDatadog = sources.some((variable) => env[variable]?.trim());
  if (!sendsToDatadog && otlp === undefined && !values.destinationTable) {
    problems.push(
      "no Datadog API key: set DD_API_KEY_SECRET_ARN to the ARN of a secret, DD_API_KEY_SSM_NAME to a parameter's name, DD_KMS_API_KEY to what KMS made of the key, or DD_API_KEY to the key; or, for an OpenTelemetry backend, OTEL_EXPORTER_OTLP_ENDPOINT to its URL",
    );
  }
  if (values.storeFailedEvents && !values.bucket && !values.sqsQueueUrl) {
    warnings.push(
      "DD_STORE_FAILED_EVENTS is true, but there is no store: set DD_S3_BUCKET_NAME to a bucket or DD_SQS_QUEUE_URL to a queue",
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...(values as unknown as Values), warnings, sendsToDatadog, otlp: otlp ?? null, destinations };
}

/** Datadog's are 32 characters; a header can carry the visible ones of ASCII. */
export function isApiKey(text: string): boolean {
  return /^[!-~]{32}$/.test(text);
}

/** No ciphertext of KMS is as short as a key that was not encrypted. */
function isCiphertext(text: string): boolean {
  return /^[\w+/]{64,}={0,2}$/.test(text) && text.length % 4 === 0;
}

/** The value, for a message, unless it may be a key that was given to the wrong variable. */
function shown(given: string): string {
  return /[0-9a-z]{32}/i.test(given) ? `${given.length} characters that may be a key` : JSON.stringify(given);
}

function text(variables: string[], value: string): Setting<string> {
  return { variables, default: value, read: (given) => given };
}

function verbatim(variables: string[]): Setting<string> {
  return { ...text(variables, ""), isVerbatim: true };
}

function matching(variables: string[], pattern: RegExp, must: string, value: string): Setting<string> {
  return {
    variables,
    default: value,
    read(given) {
      if (!pattern.test(given)) throw new SettingError(`must be ${must}, got ${shown(given)}`);
      return given;
    },
  };
}

function secret(variables: string[], isValid: (text: string) => boolean, must: string): Setting<string> {
  return {
    variables,
    default: "",
    read(given) {
      if (!isValid(given)) throw new SettingError(`must be ${must}, got ${given.length} characters`);
      return given;
    },
  };
}

function integer(
  variables: string[],
  min: number,
  max: number,
  value: number,
  outside: "refuse" | "clamp" = "refuse",
  form = /^[+-]?\d+$/,
  kind = "whole ",
): Setting<number> {
  return {
    variables,
    default: value,
    read(given) {
      const number = Number(given);
      if (!form.test(given) || (outside === "refuse" && (number < min || number > max))) {
        throw new SettingError(`must be a ${kind}number from ${min} to ${max}, got ${shown(given)}`);
      }
      return Math.min(max, Math.max(min, number));
    },
  };
}

function share(variables: string[], value: number): Setting<number> {
  return integer(variables, 0, 1, value, "refuse", /^\d*\.?\d+$/, "");
}

/** `true` in any letter case is true and everything else is false, as in the Datadog Forwarder. */
function flag(variables: string[], value: boolean): Setting<boolean> {
  return {
    variables,
    default: value,
    read(given, warn) {
      const lower = given.toLowerCase();
      if (lower !== "true" && lower !== "false") {
        warn(`is ${shown(given)}, which counts as false: use true or false`);
      }
      return lower === "true";
    },
  };
}

function url(variables: string[], example: string): Setting<string> {
  return {
    variables,
    default: "",
    read(given) {
      const parsed = URL.canParse(given) ? new URL(given) : undefined;
      if (
        !parsed ||
        !/^https?:$/.test(parsed.protocol) ||
        parsed.search ||
        parsed.hash ||
        parsed.username ||
        parsed.password
      ) {
        throw new SettingError(`must be a URL such as ${example}, without user, query and fragment`);
      }
      return given.replace(/\/$/, "");
    },
  };
}

/** Without a scheme it is http. What is wrong with it is not shown: there may be a password in it. */
function proxy(variables: string[]): Setting<string> {
  return {
    variables,
    default: "",
    read(given) {
      const whole = given.includes("://") ? given : `http://${given}`;
      const parsed = URL.canParse(whole) ? new URL(whole) : undefined;
      const rest = parsed && parsed.pathname + parsed.search + parsed.hash;
      if (!parsed || !/^https?:$/.test(parsed.protocol) || rest !== "/" || !isEscaped(parsed)) {
        throw new SettingError(
          "must be the URL of an HTTP proxy as http://user:password@proxy.example.com:3128, percent-encoded",
        );
      }
      return parsed.href;
    },
  };
}

function isEscaped({ username, password }: URL): boolean {
  return !/%(?![0-9a-f]{2})/i.test(username + password);
}

function functions(variables: string[]): Setting<readonly string[]> {
  return {
    variables,
    default: [],
    read(given) {
      const names = given.split(",").flatMap((name) => name.trim() || []);
      const wrong = names.find((name) => !FUNCTION.test(name));
      if (wrong)
        throw new SettingError(`must be ARNs or names of Lambda functions, with commas between, got ${shown(wrong)}`);
      return [...new Set(names)];
    },
  };
}

function level(variables: string[], value: LogLevel): Setting<LogLevel> {
  const names: Record<string, LogLevel> = {
    TRACE: "DEBUG",
    DEBUG: "DEBUG",
    INFO: "INFO",
    WARN: "WARN",
    WARNING: "WARN",
    ERROR: "ERROR",
    CRITICAL: "ERROR",
  };
  return {
    variables,
    default: value,
    read(given) {
      const known = Object.hasOwn(names, given.toUpperCase()) ? names[given.toUpperCase()] : undefined;
      if (!known) throw new SettingError(`must be DEBUG, INFO, WARN or ERROR, got ${shown(given)}`);
      return known;
    },
  };
}
