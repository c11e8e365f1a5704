import { settings } from "../config.ts";

const HEAD = ["| variable | default | meaning |", "| --- | --- | --- |"];

/**
 * Settings as a Markdown table, for docs/settings.md.
 *
 * @param source of the file with their rows: what a setting means is the comment above its row
 */
export function settingsTable(
  source: string,
  given: Readonly<Record<string, { variables: readonly string[]; default: unknown }>> = settings,
): string {
  const rows = Object.entries(given).map(([name, { variables, default: value }]) => {
    const meaning = new RegExp(`/\\*\\* (.+) \\*/\n {2}${name}: `).exec(source)?.[1];
    if (!meaning) throw new Error(`its file does not say what ${name} means, in one line above it`);
    return `| ${variables.map((variable) => `\`${variable}\``).join(", ")} | ${String(value) === "" ? "" : `\`${value}\``} | ${meaning} |`;
  });
  return [...HEAD, ...rows].join("\n");
}

/** The page with these tables of settings in place of its own, in their order. @throws {Error} when it has not as many */
export function withTables(page: string, tables: readonly string[]): string {
  let count = 0;
  const table = new RegExp(`^${HEAD.map((line) => line.replaceAll("|", "\\|")).join("\n")}(?:\n\\|.*)*$`, "gm");
  const written = page.replace(table, (own) => tables[count++] ?? own);
  if (count !== tables.length)
    throw new Error(`the page has ${count} tables of settings, and should have ${tables.length}`);
  return written;
}
