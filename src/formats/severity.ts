/**
 * How grave a log line says it is, in the forms of the common loggers and runtimes, as OpenTelemetry's numbers.
 *
 * @see https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
 */
export interface Severity {
  /** 1 to 24; 0 = not said. */
  number: number;
  /** As it was written, for a number its name; "" = not said. */
  text: string;
}

export const NO_SEVERITY: Severity = { number: 0, text: "" };

/** By name in lower case. Winston's `verbose`, `http` and `silly` are as OpenTelemetry's transport for it has them. */
const NUMBERS: Readonly<Record<string, number>> = {
  ...{ trace: 1, silly: 1, finest: 1, finer: 2, debug: 5, fine: 5, verbose: 6, http: 7, config: 8 },
  ...{ info: 9, information: 9, informational: 9, log: 9, notice: 10, warn: 13, warning: 13 },
  ...{
    error: 17,
    err: 17,
    severe: 17,
    crit: 18,
    critical: 21,
    alert: 19,
    fatal: 21,
    panic: 21,
    emerg: 24,
    emergency: 24,
  },
};
/** Where JSON says it, the first that is there. The last is the Elastic Common Schema's. */
const MEMBERS = [
  "severityNumber",
  "severity_number",
  "level",
  "severity",
  "levelname",
  "severity_text",
  "loglevel",
  "log.level",
];
/** pino and bunyan count in tens, from trace to fatal. */
const OF_TENS = ["", "trace", "debug", "info", "warn", "error", "fatal"];

const NAME = "[A-Za-z]{3,13}";
const TIME = String.raw`\d{4}-\d\d-\d\d[T ][\d:.,]{8,20}(?:Z|[+-]\d\d:?\d\d)?`;
const TEXT_FORMS = [
  // Node's runtime: time, request id, level, with tabs.
  new RegExp(`^${TIME}\\t[^\\t]{1,40}\\t(${NAME})\\t`),
  // Python's runtime, and whoever writes brackets: [ERROR] …, also behind a time.
  new RegExp(`^(?:${TIME}[\\t ]+)?\\[(${NAME})\\](?=[\\s:]|$)`),
  // ERROR …, ERROR: …, WARNING:root:…, also behind a time. Ordinary words are not all capitals.
  new RegExp(`^(?:${TIME}[\\t ,|-]{1,5})?([A-Z]{3,13})(?=[\\s:|]|$)`),
];
const [TIMED_OUT, RUNTIME_FAILURE] = [
  new RegExp(`^${TIME} [0-9a-fA-F-]{36} Task timed out`),
  /^RequestId: [0-9a-fA-F-]{36} Error: /,
];

/** @param log the members of a JSON line */
export function severityOfJson(log: Readonly<Record<string, unknown>>): Severity {
  for (const member of MEMBERS) {
    if (!Object.hasOwn(log, member)) continue;
    const value = log[member];
    const severity =
      typeof value === "string" ? named(value) : numbered(Number(value), member.toLowerCase().includes("number"));
    if (severity.number > 0) return severity;
  }
  const nested = Object.hasOwn(log, "log") ? log.log : null;
  if (typeof nested === "object" && nested !== null && "level" in nested && typeof nested.level === "string") {
    return named(nested.level);
  }
  return NO_SEVERITY;
}

/** @param message of a line that is no JSON */
export function severityOfText(message: string): Severity {
  for (const form of TEXT_FORMS) {
    const text = form.exec(message)?.[1];
    const severity = text ? named(text) : NO_SEVERITY;
    if (severity.number > 0) return severity;
  }
  return TIMED_OUT.test(message) || RUNTIME_FAILURE.test(message) ? { number: 17, text: "" } : NO_SEVERITY;
}

function named(text: string): Severity {
  const name = text.trim().toLowerCase();
  return Object.hasOwn(NUMBERS, name) ? { number: NUMBERS[name] as number, text } : NO_SEVERITY;
}

/** @param isOpenTelemetrys whether it counts as OpenTelemetry does */
function numbered(number: number, isOpenTelemetrys: boolean): Severity {
  if (!Number.isInteger(number) || number < 1) return NO_SEVERITY;
  if (isOpenTelemetrys) return number <= 24 ? { number, text: "" } : NO_SEVERITY;
  return named(OF_TENS[Math.floor(number / 10)] ?? "");
}
