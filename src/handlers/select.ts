/** Leaves out what no destination is to get. Loaded only where that is anything. */
import type { Config } from "../config.ts";
import { count, type Ledger } from "../delivery/ledger.ts";
import type { ResourceTelemetry } from "../telemetry.ts";

const LISTS = [
  ["logs", "logs"],
  ["traces", "tracePayloads"],
  ["metrics", "metrics"],
] as const;

export function selected(telemetry: ResourceTelemetry[], config: Config, ledger: Ledger): ResourceTelemetry[] {
  const { forwardLog, sendsToDatadog } = config;
  const wanted = forwardLog ? telemetry : telemetry.map((part) => withoutLogs(part, ledger));
  return sendsToDatadog ? wanted : wanted.map((part) => withEndpoint(part, config, ledger));
}

function withoutLogs(part: ResourceTelemetry, ledger: Ledger): ResourceTelemetry {
  count(ledger.skipped, "DD_FORWARD_LOG=false", part.logs.length);
  return { ...part, logs: [] };
}

/** The signals that an endpoint or a further destination takes; the ledger counts the others. */
function withEndpoint(part: ResourceTelemetry, config: Config, ledger: Ledger): ResourceTelemetry {
  const left = { ...part };
  for (const [signal, list] of LISTS) {
    if (config.otlp?.signals.some((given) => given.signal === signal)) continue;
    if (config.destinations.some(({ signals }) => signals.includes(signal))) continue;
    count(ledger.skipped, `no endpoint for ${signal}`, part[list].length);
    left[list] = [];
  }
  return left;
}
