/** Writes the tables of settings into docs/settings.md. Runs in the project's folder, as `npm run settings` does. */
import { readFileSync, writeFileSync } from "node:fs";
import { otlpSettings } from "../config/otlp.ts";
import { settingsTable, withTables } from "./settings-table.ts";

const PAGE = "docs/settings.md";

const tables = [
  settingsTable(readFileSync("src/config.ts", "utf8")),
  settingsTable(readFileSync("src/config/otlp.ts", "utf8"), otlpSettings),
];
const page = readFileSync(PAGE, "utf8");
const written = withTables(page, tables);
if (written !== page) writeFileSync(PAGE, written);
process.stdout.write(`${PAGE} ${written === page ? "is as it should be" : "is written anew"}\n`);
