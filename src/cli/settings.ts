/** Prints the settings table of the README. Runs in the project's folder, as `npm run settings` does. */
import { readFileSync } from "node:fs";
import { settingsTable } from "./settings-table.ts";

process.stdout.write(`${settingsTable(readFileSync("src/config.ts", "utf8"))}\n`);
