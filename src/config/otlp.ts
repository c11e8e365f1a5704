/**
 * The settings of what is sent by OpenTelemetry's protocol: its standard variables, and the rows that the table in
 * docs/settings.md is printed from. Loaded only where an endpoint is set.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */

type Environment = Readonly<Record<string, string | undefined>>;

const SIGNALS = ["traces", "logs", "metrics"] as const;
export type Signal = (typeof SIGNALS)[number];

/** One setting. The variable of a signal wins over the one of all. */
interface OtlpRow {
  variables: readonly string[];
  default: string;
}

export const otlpSettings = {
  /** Base URL of an OpenTelemetry backend; `/v1/traces`, `/v1/logs` and `/v1/metrics` are added. It, or one of the next row, turns OTLP on. */
  endpoint: { variables: ["OTEL_EXPORTER_OTLP_ENDPOINT"], default: "" },
  /** URL for one signal, as it is. A signal with neither is not sent. */
  signalEndpoint: { variables: ofSignals("ENDPOINT"), default: "" },
  /** Headers of every request: `name=value,name=value`, percent-encoded. In plain text: a secret belongs into one of the next two. */
  headers: ofAll("HEADERS"),
  /** Secret with such headers, as that text or as a JSON object. Wins over `OTEL_EXPORTER_OTLP_HEADERS`. */
  headersSecretArn: { variables: ["OTEL_EXPORTER_OTLP_HEADERS_SECRET_ARN"], default: "" },
  /** SSM parameter with such headers, in the same forms. */
  headersSsmName: { variables: ["OTEL_EXPORTER_OTLP_HEADERS_SSM_NAME"], default: "" },
  /** `http/protobuf` or `http/json`. */
  protocol: ofAll("PROTOCOL", "http/protobuf"),
  /** `gzip` or `none`. */
  compression: ofAll("COMPRESSION", "gzip"),
  /** How long one request may take, in milliseconds. */
  timeout: ofAll("TIMEOUT", "10000"),
  /** PEM file with the certificates that are trusted, instead of the usual ones. */
  certificate: ofAll("CERTIFICATE"),
  /** PEM file with the function's private key, for backends that ask for a certificate. */
  clientKey: ofAll("CLIENT_KEY"),
  /** PEM file with its certificate. */
  clientCertificate: ofAll("CLIENT_CERTIFICATE"),
  /** What a JSON log becomes: `attributes`, its message being the body, or `string`, the body as it was written. */
  jsonLogs: { variables: ["OTLP_JSON_LOGS"], default: "attributes" },
} satisfies Record<string, OtlpRow>;

/** What is sent by OpenTelemetry's protocol. */
export interface OtlpConfig {
  /** Those that have an endpoint, at least one. */
  signals: readonly OtlpSignal[];
  /** "" = none. */
  headersSecretArn: string;
  headersSsmName: string;
  jsonLogs: "attributes" | "string";
}

export interface OtlpSignal {
  signal: Signal;
  /** The same for signals that share credentials and connections. */
  backend: string;
  url: string;
  protocol: "http/protobuf" | "http/json";
  compression: "gzip" | "none";
  timeoutMs: number;
  /** Of all signals, and this one's own, which win; names in lower case. */
  headers: Readonly<Record<string, string>>;
  ownHeaders: Readonly<Record<string, string>>;
  /** Paths of PEM files; "" = none. */
  certificate: string;
  clientKey: string;
  clientCertificate: string;
}

/** What was found in the variables. `otlp` is null where a problem keeps it from being used, and absent where no endpoint is set. */
export interface OtlpFindings {
  problems: string[];
  warnings: string[];
  otlp?: OtlpConfig | null;
}

const SECRET_ARN = /^arn:[^:\s]+:secretsmanager:[^:\s]+:[^:\s]+:secret:\S+$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
/** The visible characters of ASCII, and spaces between them. */
const HEADER_VALUE = /^[ -~]*$/;
/** What the protocol and the connection decide. */
const RESERVED =
  "content-type content-encoding content-length transfer-encoding connection host expect upgrade te trailer".split(" ");
const MAX_TIMEOUT_MS = 600_000;

/** @param env usually `process.env` */
export function readOtlpSettings(env: Environment): OtlpFindings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const signals = SIGNALS.flatMap((signal) => readSignal(signal));
  const headersSecretArn = given(otlpSettings.headersSecretArn.variables);
  if (headersSecretArn.value && !SECRET_ARN.test(headersSecretArn.value)) {
    problems.push(`${headersSecretArn.variable} must be the ARN of a Secrets Manager secret`);
  }
  const headersSsmName = given(otlpSettings.headersSsmName.variables);
  if (headersSsmName.value && !/^[\w./:-]+$/.test(headersSsmName.value)) {
    problems.push(`${headersSsmName.variable} must be the name or ARN of an SSM parameter`);
  }
  if (headersSecretArn.value && headersSsmName.value) {
    problems.push(`${headersSecretArn.variable} and ${headersSsmName.variable} are two places for one thing: set one`);
  }
  const jsonLogs = oneOf(otlpSettings.jsonLogs, otlpSettings.jsonLogs.variables, ["attributes", "string"]);
  const unique = (list: string[]): string[] => [...new Set(list)];
  if (problems.length > 0) return { problems: unique(problems), warnings: unique(warnings), otlp: null };
  if (signals.length === 0) return { problems: [], warnings: [] };
  const otlp = {
    signals: withBackends(signals),
    headersSecretArn: headersSecretArn.value,
    headersSsmName: headersSsmName.value,
    jsonLogs: jsonLogs as OtlpConfig["jsonLogs"],
  };
  return { problems: [], warnings: unique(warnings), otlp };

  function readSignal(signal: Signal): Omit<OtlpSignal, "backend">[] {
    const url = urlOf(signal);
    if (!url) return [];
    const of = ({ variables }: OtlpRow): readonly string[] => variablesFor(signal, variables);
    const file = (row: OtlpRow): string => given(of(row)).value;
    const [clientKey, clientCertificate] = [file(otlpSettings.clientKey), file(otlpSettings.clientCertificate)];
    if (Boolean(clientKey) !== Boolean(clientCertificate)) {
      const [key, certificate] = [of(otlpSettings.clientKey)[1], of(otlpSettings.clientCertificate)[1]];
      problems.push(`${key} and ${certificate} belong together: set both or neither`);
    }
    const [ownHeaders, headers] = of(otlpSettings.headers) as [string, string];
    return [
      {
        signal,
        url,
        protocol: protocolOf(of(otlpSettings.protocol)),
        compression: oneOf(otlpSettings.compression, of(otlpSettings.compression), ["gzip", "none"]) as "gzip" | "none",
        timeoutMs: timeoutOf(of(otlpSettings.timeout)),
        headers: headersOf(headers),
        ownHeaders: headersOf(ownHeaders),
        certificate: file(otlpSettings.certificate),
        clientKey,
        clientCertificate,
      },
    ];
  }

  /** The first of the variables that says something. */
  function given(variables: readonly string[]): { variable: string; value: string } {
    const variable = variables.find((candidate) => env[candidate]?.trim()) ?? (variables[0] as string);
    return { variable, value: env[variable]?.trim() ?? "" };
  }

  /** "" = the signal is not sent. */
  function urlOf(signal: Signal): string {
    const own = given(variablesFor(signal, otlpSettings.signalEndpoint.variables).slice(0, 1));
    const base = given(otlpSettings.endpoint.variables);
    const { variable, value } = own.value ? own : base;
    if (!value) return "";
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password || parsed.hash) {
      problems.push(
        `${variable} must be a URL such as https://collector.example.com:4318, without user, password and fragment`,
      );
      return "";
    }
    if (parsed.port === "4317") {
      warnings.push(`${variable} has port 4317, which is usually gRPC's: OTLP over HTTP usually has 4318`);
    }
    if (own.value) return parsed.href;
    parsed.pathname = `${parsed.pathname.replace(/\/+$/, "")}/v1/${signal}`;
    return parsed.href;
  }

  function oneOf(row: OtlpRow, variables: readonly string[], allowed: readonly string[]): string {
    const { variable, value } = given(variables);
    if (!value) return row.default;
    if (!allowed.includes(value.toLowerCase())) {
      problems.push(`${variable} must be ${allowed.join(" or ")}, got ${shown(value)}`);
    }
    return value.toLowerCase();
  }

  function protocolOf(variables: readonly string[]): OtlpSignal["protocol"] {
    const { variable, value } = given(variables);
    if (value.toLowerCase() === "grpc") {
      problems.push(
        `${variable} is grpc, which is not spoken here: use http/protobuf, and the endpoint's port for it, usually 4318`,
      );
      return "http/protobuf";
    }
    return oneOf(otlpSettings.protocol, variables, ["http/protobuf", "http/json"]) as OtlpSignal["protocol"];
  }

  function timeoutOf(variables: readonly string[]): number {
    const { variable, value } = given(variables);
    const timeoutMs = Number(value || otlpSettings.timeout.default);
    if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
    problems.push(
      `${variable} must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}, got ${shown(value)}`,
    );
    return 0;
  }

  function headersOf(variable: string): Record<string, string> {
    const headers = readHeaders(env[variable] ?? "");
    if (typeof headers === "object") return headers;
    problems.push(`${variable} ${headers}`);
    return {};
  }
}

/**
 * `name=value` pairs with commas between them, percent-encoded, or a JSON object of texts; names get lower case.
 *
 * @returns what is wrong, without showing any of it, where they cannot be used
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 */
export function readHeaders(text: string): Record<string, string> | string {
  const pairs = text.trim().startsWith("{") ? pairsOfJson(text) : pairsOfList(text);
  if (!pairs) return "must be pairs as name=value,name=value, percent-encoded, or a JSON object of texts";
  const wrong = pairs.findIndex(([name, value]) => !HEADER_NAME.test(name) || !HEADER_VALUE.test(value));
  if (wrong !== -1) return `has a name or value that no HTTP header can have, in pair ${wrong + 1}`;
  const reserved = pairs.find(([name]) => RESERVED.includes(name));
  if (reserved) return `sets ${reserved[0]}, which is not for it to set: leave it out`;
  return Object.fromEntries(pairs);
}

type Pair = readonly [name: string, value: string];

function pairsOfList(text: string): Pair[] | undefined {
  const pairs: Pair[] = [];
  for (const part of text.split(",").filter((part) => part.trim())) {
    const equals = part.indexOf("=");
    if (equals === -1) return undefined;
    try {
      const name = decodeURIComponent(part.slice(0, equals).trim()).toLowerCase();
      pairs.push([name, decodeURIComponent(part.slice(equals + 1).trim())]);
    } catch {
      return undefined;
    }
  }
  return pairs;
}

function pairsOfJson(text: string): Pair[] | undefined {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const pairs = entries.map(([name, value]): [string, unknown] => [name.trim().toLowerCase(), value]);
    return pairs.every((pair): pair is [string, string] => typeof pair[1] === "string") ? pairs : undefined;
  } catch {
    return undefined;
  }
}

/** Signals that share credentials and certificates are one backend. */
function withBackends(signals: readonly Omit<OtlpSignal, "backend">[]): OtlpSignal[] {
  const keyOf = ({ ownHeaders, compression, certificate, clientKey, clientCertificate }: Omit<OtlpSignal, "backend">) =>
    JSON.stringify([Object.entries(ownHeaders).sort(), compression, certificate, clientKey, clientCertificate]);
  const isOne = new Set(signals.map(keyOf)).size === 1;
  return signals.map((signal) => ({ ...signal, backend: isOne ? "otlp" : `otlp-${signal.signal}` }));
}

/** The value, for a message, unless it may be a secret that was given to the wrong variable. */
function shown(value: string): string {
  return value.length > 20 ? `${value.length} characters` : JSON.stringify(value);
}

/** The variables of the signals, in their order. */
function ofSignals(name: string): string[] {
  return SIGNALS.map((signal) => `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`);
}

function ofAll(name: string, value = ""): OtlpRow {
  return { variables: [`OTEL_EXPORTER_OTLP_${name}`, ...ofSignals(name)], default: value };
}

/** Those that count for a signal, its own first. */
function variablesFor(signal: Signal, variables: readonly string[]): string[] {
  const own = variables.filter((variable) => variable.includes(`_${signal.toUpperCase()}_`));
  return [...own, ...variables.slice(0, 1).filter((variable) => !own.includes(variable))];
}
