/** Reads the table of destinations and tries its patterns. Loaded only where there is one. */
import { readDestinations, type TableFindings } from "../config/destinations.ts";
import { compilePattern, PatternError } from "../transforms/pattern.ts";

/** @param given the text of `DESTINATIONS` */
export function readDestinationTable(given: string): TableFindings {
  const found = readDestinations(given);
  const problems = (found.destinations ?? []).flatMap((entry) =>
    (["include", "exclude"] as const).flatMap((field) => {
      try {
        if (entry[field]) compilePattern(entry[field]);
        return [];
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        return [`DESTINATIONS entry "${entry.name}": ${field} ${error.message}`];
      }
    }),
  );
  return { ...found, problems: [...found.problems, ...problems] };
}
