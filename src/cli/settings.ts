/** Prints the settings table of the README. */
import { settingsTable } from "../config.ts";

process.stdout.write(`${settingsTable()}\n`);
