/** What the variables say of backends beside Datadog. Loaded only where one is configured. */
import { readOtlpSettings } from "../config/otlp.ts";
import type { Findings } from "../config.ts";

/** @param env usually `process.env` */
export async function readBackends(env: Readonly<Record<string, string | undefined>>): Promise<Findings> {
  const otlp = readOtlpSettings(env);
  if (!env.DESTINATIONS?.trim()) return otlp;
  const { readDestinationTable } = await import("./read-destinations.ts");
  const table = readDestinationTable(env.DESTINATIONS);
  return {
    ...otlp,
    ...table,
    problems: [...otlp.problems, ...table.problems],
    warnings: [...otlp.warnings, ...table.warnings],
  };
}
