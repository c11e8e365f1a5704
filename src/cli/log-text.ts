/** Pino's and bunyan's numbers. */
const levelNames: Record<string, string> = {
  10: "TRACE",
  20: "DEBUG",
  30: "INFO",
  40: "WARN",
  50: "ERROR",
  60: "FATAL",
};

/**
 * The part of a log that a person reads in a tree: without the time, the request id and the ids of the trace, which
 * its place in the tree says already.
 */
export function logText(body: string): string {
  return (
    jsonText(body) ??
    body
      .replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z\t[\w-]+\t([A-Z]+)\t/, "$1 ")
      .replace(/\[dd\.[^\]]{0,500}\] ?/, "")
      .replace(/^(START|END|REPORT) RequestId: [\w-]{36}/, "$1")
      .replace(/^START Version: \S+/, "START")
  );
}

/** A structured log as its level, its message and its other fields; undefined when it has no message. */
function jsonText(body: string): string | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const { level, time, timestamp, pid, hostname, msg, message = msg, dd, ...fields } = JSON.parse(body);
    // A metric that Datadog's Lambda libraries print.
    if (typeof fields.m === "string" && "v" in fields) return `METRIC ${fields.m} ${fields.v}`;
    if (typeof message !== "string") return undefined;
    const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return [levelNames[level] ?? level, message, ...rest].filter((part) => part !== undefined).join(" ");
  } catch {
    return undefined;
  }
}
