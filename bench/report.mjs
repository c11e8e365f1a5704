/** Figures as Markdown that is also readable in a terminal. */
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { cell, isMet, number } from "./figures.mjs";

const PAGE = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const [BEGIN, END] = ["<!-- bench:begin -->", "<!-- bench:end -->"];

/**
 * @param {{figures: object[], tables: object[]}[]} results
 * @param {string} command how they were measured
 */
export function reportText(results, command) {
  const figures = results.flatMap((result) => result.figures);
  const parts = [`\`${command}\`, ${new Date().toISOString().slice(0, 10)}, ${machine()}.`, targetsText(figures)];
  for (const { title, note, columns, rows } of results.flatMap(({ tables }) => tables)) {
    parts.push(`### ${title}`, ...(note ? [note] : []), table(columns, rows));
  }
  return parts.filter(Boolean).join("\n\n");
}

/** Puts a text between the page's two markers. */
export function writePage(text) {
  const page = readFileSync(PAGE, "utf8");
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`docs/performance.md has no ${BEGIN} … ${END}`);
  writeFileSync(PAGE, `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`);
}

/** @param {string[]} columns @param {string[][]} rows */
export function table(columns, rows) {
  const widths = columns.map((column, index) => Math.max(3, column.length, ...rows.map((row) => row[index].length)));
  const line = (cells) => `| ${cells.map((text, index) => text.padEnd(widths[index])).join(" | ")} |`;
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function targetsText(figures) {
  const demanded = figures.filter(({ target }) => target !== undefined);
  if (demanded.length === 0) return "";
  const met = demanded.filter(isMet).length;
  const rows = demanded.map(({ label, unit, target, ...rest }) => [
    label,
    `≤ ${number(target)} ${unit}`.trim(),
    cell(rest),
    isMet({ target, ...rest }) ? "met" : "missed",
  ]);
  return `### Targets: ${met} of ${demanded.length} met\n\n${table(["figure", "target", "measured", ""], rows)}`;
}

function machine() {
  const gigabytes = Math.round(os.totalmem() / 2 ** 30);
  const [cpu] = os.cpus();
  return `Node ${process.versions.node}, ${os.cpus().length} × ${cpu.model.trim()}, ${gigabytes} GB, ${os.type()} ${os.release().split(".", 2).join(".")}`;
}
