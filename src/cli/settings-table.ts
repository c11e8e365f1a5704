import { settings } from "../config.ts";

/**
 * Settings as a Markdown table, for the README.
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
  return ["| variable | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}
