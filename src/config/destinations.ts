/**
 * The table of destinations besides those that the variables make: `DESTINATIONS`, a JSON list. Loaded only where it is
 * set.
 */
import type { Signal } from "./otlp.ts";

/** What every entry says. */
interface Common {
  /** The ledger and the store know its destinations by it: `<name>-logs`. */
  name: string;
  signals: readonly Signal[];
  /** Patterns for the messages of its logs; "" = none. */
  include: string;
  exclude: string;
  /** Where the key or the headers are; "" = not there. */
  secretArn: string;
  ssmName: string;
}

export interface DatadogEntry extends Common {
  type: "datadog";
  apiKey: string;
  site: string;
  logsHost: string;
  logsPort: number;
  noSsl: boolean;
  traceIntakeUrl: string;
  apiUrl: string;
}

export interface OtlpEntry extends Common {
  type: "otlp";
  /** Base URL, without a slash at its end. */
  endpoint: string;
  protocol: "http/protobuf" | "http/json";
  compression: "gzip" | "none";
  timeoutMs: number;
  jsonLogs: "attributes" | "string";
  headers: Readonly<Record<string, string>>;
}

export interface S3Entry extends Common {
  type: "s3";
  bucket: string;
  /** Without slashes at its ends; "" = none. */
  prefix: string;
}

export type DestinationEntry = DatadogEntry | OtlpEntry | S3Entry;

/** What was found in the table. `destinations` is absent where a problem keeps it from being used. */
export interface TableFindings {
  problems: string[];
  warnings: string[];
  destinations?: readonly DestinationEntry[];
}

interface Field {
  /** What it says when the value is wrong, behind the field's name. */
  must: string;
  /** Absent: it must be given. */
  default?: unknown;
  isValid(value: unknown): boolean;
}

type Fields = Readonly<Record<string, Field>>;
type Given = Readonly<Record<string, unknown>>;

const VARIABLE = "DESTINATIONS";
const MAX_ENTRIES = 16;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;
/** Of the destinations that the variables make. */
const RESERVED = /^(?:datadog|otlp)(?:-(?:logs|traces|metrics))?$/;
const HOST = /^[a-z0-9.-]+$/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
/** What the protocol and the connection decide. */
const RESERVED_HEADERS =
  /^(?:content-(?:type|encoding|length)|transfer-encoding|connection|host|expect|upgrade|te|trailer)$/i;

const COMMON: Fields = {
  name: text(NAME, "1 to 40 lower-case letters, digits and hyphens, a letter first", undefined),
  type: oneOf(["datadog", "otlp", "s3"], undefined),
  include: { default: "", must: "must be a pattern", isValid: isText },
  exclude: { default: "", must: "must be a pattern", isValid: isText },
};

const SECRET: Fields = {
  secretArn: text(/^arn:[^:\s]+:secretsmanager:[^:\s]+:[^:\s]+:secret:\S+$/, "the ARN of a Secrets Manager secret"),
  ssmName: text(/^[\w./:-]+$/, "the name or ARN of an SSM parameter"),
};

const FIELDS: Readonly<Record<DestinationEntry["type"], Fields>> = {
  datadog: {
    ...COMMON,
    ...SECRET,
    signals: signals(["logs", "traces", "metrics"]),
    apiKey: text(/^[!-~]{32}$/, "the 32 characters of a Datadog API key"),
    site: text(HOST, "a host name such as datadoghq.eu", "datadoghq.com"),
    logsHost: text(HOST, "a host name without https://, port and path"),
    logsPort: { default: 443, must: "must be a whole number from 1 to 65535", isValid: isWhole(1, 65_535) },
    noSsl: { default: false, must: "must be true or false", isValid: (value) => typeof value === "boolean" },
    traceIntakeUrl: url("https://trace.agent.datadoghq.eu", ""),
    apiUrl: url("https://api.datadoghq.eu", ""),
  },
  otlp: {
    ...COMMON,
    ...SECRET,
    signals: signals(["logs", "traces", "metrics"]),
    endpoint: url("https://collector.example.com:4318", undefined),
    protocol: oneOf(["http/protobuf", "http/json"], "http/protobuf"),
    compression: oneOf(["gzip", "none"], "gzip"),
    timeoutMs: { default: 10_000, must: "must be a whole number from 1 to 600000", isValid: isWhole(1, 600_000) },
    jsonLogs: oneOf(["attributes", "string"], "attributes"),
    headers: { default: {}, must: "must be an object of texts by the names of headers", isValid: areHeaders },
  },
  s3: {
    ...COMMON,
    signals: signals(["logs", "traces"]),
    bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket", undefined),
    prefix: text(/^[\w!.*'()-]+(?:\/[\w!.*'()-]+)*$/, "folders with slashes between them, and none at the ends"),
  },
};

/**
 * The entries, with what they leave out filled in. Problems name the entry and the field, and never repeat a value that
 * may be a secret.
 *
 * @param given the text of the variable
 */
export function readDestinations(given: string): TableFindings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const list = listIn(given);
  if (!list) return { problems: [`${VARIABLE} must be a JSON list of objects`], warnings };
  if (list.length > MAX_ENTRIES) {
    return { problems: [`${VARIABLE} has ${list.length} entries: there can be ${MAX_ENTRIES}`], warnings };
  }
  const names = new Set<unknown>();
  const destinations = list.map((entry, index) => {
    const { name } = entry;
    const isNamed = isText(name) && NAME.test(name);
    const place = `${VARIABLE} entry ${isNamed ? `"${name}"` : index + 1}`;
    if (isNamed && RESERVED.test(name))
      problems.push(`${place}: name is kept for what the variables make; take another`);
    if (isNamed && names.has(name)) problems.push(`${place}: name is another entry's; take another`);
    names.add(name);
    return readEntry(
      entry,
      (problem) => problems.push(`${place}: ${problem}`),
      (warning) => warnings.push(`${place} ${warning}`),
    );
  });
  if (problems.length > 0) return { problems, warnings };
  return { problems, warnings, destinations: destinations as unknown as DestinationEntry[] };
}

function readEntry(entry: Given, problem: (text: string) => void, warn: (text: string) => void): Given {
  const { type } = entry;
  const fields = isText(type) && Object.hasOwn(FIELDS, type) ? FIELDS[type as DestinationEntry["type"]] : undefined;
  if (!fields) {
    problem(`type ${(COMMON.type as Field).must}`);
    return {};
  }
  for (const field of Object.keys(entry)) {
    if (Object.hasOwn(fields, field)) continue;
    const isOthers = Object.values(FIELDS).some((others) => Object.hasOwn(others, field));
    problem(
      isOthers
        ? `${field} is not for a destination of type ${type}; there are ${Object.keys(fields).join(", ")}`
        : `${JSON.stringify(field.slice(0, 40))} is unknown; did you mean ${nearest(field, Object.keys(fields))}?`,
    );
  }
  const read: Record<string, unknown> = { secretArn: "", ssmName: "" };
  for (const [field, { must, isValid, ...rest }] of Object.entries(fields)) {
    const value = Object.hasOwn(entry, field) ? entry[field] : undefined;
    if (value === undefined && rest.default !== undefined) read[field] = rest.default;
    else if (value === undefined) problem(`${field} is missing: it ${must}`);
    else if (!isValid(value)) problem(`${field} ${must}`);
    else read[field] = typeof value === "string" && /Url$|endpoint/.test(field) ? value.replace(/\/+$/, "") : value;
  }
  checkSecrets(entry, type as DestinationEntry["type"], problem, warn);
  return read;
}

function checkSecrets(
  entry: Given,
  type: DestinationEntry["type"],
  problem: (text: string) => void,
  warn: (text: string) => void,
): void {
  const places = ["secretArn", "ssmName", "apiKey"].filter((field) => entry[field]);
  if (type === "datadog" && places.length !== 1) {
    problem("the API key is in one place: give one of secretArn, ssmName and, for trying out, apiKey");
  }
  if (type === "otlp" && places.length > 1)
    problem("the headers are in one place: give secretArn or ssmName, not both");
  if (entry.apiKey) warn("has its API key in plain text: keep it in a secret (secretArn) or a parameter (ssmName)");
  if (type === "otlp" && entry.headers) {
    warn("has headers in plain text: keep those that are secrets in a secret (secretArn) or a parameter (ssmName)");
  }
}

function listIn(given: string): Given[] | undefined {
  try {
    const list: unknown = JSON.parse(given);
    return Array.isArray(list) && list.every(isObject) ? list : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isWhole(min: number, max: number): Field["isValid"] {
  return (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function areHeaders(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => HEADER_NAME.test(name) && !RESERVED_HEADERS.test(name) && isText(text) && /^[ -~]*$/.test(text),
  );
}

/** Without a third argument it may be left out, and is then empty; with undefined it must be given. */
function text(pattern: RegExp, what: string, ...given: [(string | undefined)?]): Field {
  const isValid = (value: unknown): boolean => isText(value) && pattern.test(value);
  const value = given.length === 0 ? "" : given[0];
  return { must: `must be ${what}`, isValid, ...(value !== undefined && { default: value }) };
}

function url(example: string, value: string | undefined): Field {
  return {
    must: `must be a URL such as ${example}, without user, query and fragment`,
    isValid: isUrl,
    ...(value !== undefined && { default: value }),
  };
}

function isUrl(value: unknown): boolean {
  if (!isText(value) || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + search + hash === "";
}

function oneOf(allowed: readonly string[], value: string | undefined): Field {
  return {
    must: `must be ${allowed.join(" or ")}`,
    isValid: (given) => isText(given) && allowed.includes(given),
    ...(value !== undefined && { default: value }),
  };
}

function signals(allowed: readonly Signal[]): Field {
  return {
    default: allowed,
    must: `must be a list of some of ${allowed.join(", ")}, each once`,
    isValid: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      new Set(value).size === value.length &&
      value.every((signal) => allowed.includes(signal)),
  };
}

/** The name that the fewest changes of a character lead to. */
function nearest(given: string, names: readonly string[]): string {
  const wanted = given.toLowerCase().slice(0, 40);
  const distances = names.map((name) => distance(wanted, name.toLowerCase()));
  return names[distances.indexOf(Math.min(...distances))] as string;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, character] of [...a].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] as number) + (b[at - 1] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[at] as number) + 1, (next[at - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
