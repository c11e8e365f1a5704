/** Leaves out logs by what they say. Traces are not logs, and stay. */
import { messageOf } from "../formats/message.ts";
import type { LogRecord, ResourceTelemetry } from "../telemetry.ts";

interface Search {
  /** Whether it matches anywhere in a text. */
  test(text: string): boolean;
}

export interface FilterPatterns {
  /** Only what it matches is kept; undefined: everything. */
  include: Search | undefined;
  /** What it matches is left out, also where `include` matches. */
  exclude: Search | undefined;
}

/**
 * Keeps the logs whose message the patterns let pass; the others are counted under the name of the setting.
 *
 * @param names of the settings
 */
export function filter(
  { include, exclude }: FilterPatterns,
  names = { include: "INCLUDE_AT_MATCH", exclude: "EXCLUDE_AT_MATCH" },
) {
  return (telemetry: ResourceTelemetry, dropped: Record<string, number>): ResourceTelemetry => {
    const { logs, slice } = telemetry;
    const passes = (record: LogRecord): boolean => {
      const message = messageOf(record, slice);
      const setting = exclude?.test(message) ? names.exclude : include && !include.test(message) && names.include;
      if (setting) dropped[setting] = (dropped[setting] ?? 0) + 1;
      return !setting;
    };
    return { ...telemetry, logs: logs.filter(passes) };
  };
}
