import { settings } from "../config.ts";

/**
 * The settings as a Markdown table, for the README.
 *
 * @param source of `config.ts`: what a setting means is the comment above its row
 */
export function settingsTable(source: string): string {
  const rows = Object.entries(settings).map(([name, { variables, default: value }]) => {
    const meaning = new RegExp(`/\\*\\* (.+) \\*/\n {2}${name}: `).exec(source)?.[1];
    if (!meaning) throw new Error(`src/config.ts does not say what ${name} means, in one line above it`);
    return `| ${variables.map((variable) => `\`${variable}\``).join(", ")} | ${String(value) === "" ? "" : `\`${value}\``} | ${meaning} |`;
  });
  return ["| variable | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}
