import type { Severity } from "./received.ts";

const NAMES: Readonly<Record<string, Severity>> = {
  trace: "trace",
  verbose: "debug",
  debug: "debug",
  info: "info",
  information: "info",
  informational: "info",
  notice: "info",
  ok: "info",
  warn: "warn",
  warning: "warn",
  err: "error",
  error: "error",
  severe: "error",
  critical: "fatal",
  fatal: "fatal",
  alert: "fatal",
  emergency: "fatal",
  emerg: "fatal",
  panic: "fatal",
};

const STEPS: readonly Severity[] = ["trace", "debug", "info", "warn", "error", "fatal"];

/** OpenTelemetry's numbers, the lowest of each. @see https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
export const SEVERITY_NUMBERS: Readonly<Record<Severity, number>> = {
  "": 0,
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

/** A level as loggers name it, or pino's and bunyan's numbers. */
export function severityOfLevel(level: unknown): Severity {
  if (typeof level === "string" && level.length <= 20) {
    const name = level.toLowerCase();
    return Object.hasOwn(NAMES, name) ? (NAMES[name] as Severity) : "";
  }
  const isPino = typeof level === "number" && level >= 10 && level < 70;
  return isPino ? (STEPS[Math.floor(level / 10) - 1] as Severity) : "";
}

/** @param number 1 to 24, four of each */
export function severityOfNumber(number: unknown): Severity {
  const isKnown = typeof number === "number" && number >= 1 && number <= 24;
  return isKnown ? (STEPS[Math.floor((number - 1) / 4)] as Severity) : "";
}

/** `time<TAB>request id<TAB>LEVEL<TAB>`, `[LEVEL]` and `LEVEL ` at the start of a line. */
const IN_TEXT =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]{8,20}Z\t[\w-]{1,64}\t([A-Z]{2,12})\t|\[([A-Z]{2,12})\][\t ]|(DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)[: ])/;

/** The severity that a line of text begins with. */
export function severityOfText(text: string): Severity {
  const match = IN_TEXT.exec(text);
  return match ? severityOfLevel(match[1] ?? match[2] ?? match[3]) : "";
}
