/** Prints the tables of settings of the README. Runs in the project's folder, as `npm run settings` does. */
import { readFileSync } from "node:fs";
import { otlpSettings } from "../config/otlp.ts";
import { settingsTable } from "./settings-table.ts";

const tables = [
  settingsTable(readFileSync("src/config.ts", "utf8")),
  settingsTable(readFileSync("src/config/otlp.ts", "utf8"), otlpSettings),
];
process.stdout.write(`${tables.join("\n\n")}\n`);
