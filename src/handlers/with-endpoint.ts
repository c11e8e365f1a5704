/** Leaves out what no destination is to get, where Datadog gets nothing. */
import type { Config } from "../config.ts";
import { count, type Ledger } from "../delivery/ledger.ts";
import type { ResourceTelemetry } from "../telemetry.ts";

const LISTS = [
  ["logs", "logs"],
  ["traces", "tracePayloads"],
  ["metrics", "metrics"],
] as const;

/** The signals that an endpoint or a further destination takes; the ledger counts the others. */
export function withEndpoint(part: ResourceTelemetry, config: Config, ledger: Ledger): ResourceTelemetry {
  const left = { ...part };
  for (const [signal, list] of LISTS) {
    if (config.otlp?.signals.some((given) => given.signal === signal)) continue;
    if (config.destinations.some(({ signals }) => signals.includes(signal))) continue;
    count(ledger.skipped, `no endpoint for ${signal}`, part[list].length);
    left[list] = [];
  }
  return left;
}
