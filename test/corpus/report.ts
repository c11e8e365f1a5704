/** `npm run correlation` prints how many logs are linked, and `--write` puts that into docs/correlation.md. */
import { readFileSync, writeFileSync } from "node:fs";
import type { LinkMethod } from "../../src/telemetry.ts";
import { type Judged, judge } from "./measure.ts";
import { Random } from "./random.ts";
import { aScenario, SCENARIOS } from "./scenarios.ts";

const SEEDS = 300;
const PAGE = "docs/correlation.md";
const [BEGIN, END] = ["<!-- correlation:begin -->", "<!-- correlation:end -->"];
const METHODS: LinkMethod[] = [
  "own-ids",
  "request-id",
  "stream-position",
  "span-time",
  "trace-id",
  "xray",
  "remembered",
];

const count = (judged: Judged[], ...verdicts: Judged["verdict"][]): number =>
  judged.filter(({ verdict }) => verdicts.includes(verdict)).length;
const percent = (part: number, whole: number): string => (whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`);

/** Of logs that were written in a trace: how many are linked, how many to their very span. */
function rowOf(name: string, judged: Judged[]): string[] {
  const inTrace = judged.length - count(judged, "none");
  const linked = count(judged, "exact", "coarse", "deeper");
  return [
    name,
    String(judged.length),
    String(inTrace),
    percent(linked, inTrace),
    percent(count(judged, "exact"), inTrace),
    String(count(judged, "deeper")),
    String(count(judged, "wrong")),
  ];
}

function table(columns: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map((_, index) => (index === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

async function main(): Promise<void> {
  const all: Judged[] = [];
  const rows: string[][] = [];
  for (const [name, given] of Object.entries(SCENARIOS)) {
    for (const hasTable of (given.processes ?? 1) > 1 ? [false, true] : [false]) {
      const judged: Judged[] = [];
      for (let seed = 0; seed < SEEDS; seed++)
        judged.push(...(await judge(aScenario(new Random(seed), name, given), hasTable)));
      rows.push(rowOf(hasTable ? `${name}, with a table` : name, judged));
      all.push(...judged);
    }
  }
  const methods = METHODS.map((method) => {
    const ofMethod = all.filter((judged) => judged.method === method);
    return [
      `\`${method}\``,
      String(ofMethod.length),
      percent(count(ofMethod, "exact"), ofMethod.length),
      String(count(ofMethod, "deeper")),
      String(count(ofMethod, "wrong")),
    ];
  });
  const text = [
    "`npm run correlation`: generated log streams of which every line's trace and span are known.",
    table(
      ["scenario", "logs", "in a trace", "linked", "to their very span", "to one inside it", "wrong"],
      [...rows, rowOf("**all**", all)],
    ),
    table(["linked by", "logs", "to their very span", "to one inside it", "wrong"], methods),
  ].join("\n\n");
  console.log(text);
  if (process.argv.includes("--write")) {
    const page = readFileSync(PAGE, "utf8");
    const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
    if (from === -1 || to < from) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`);
    writeFileSync(PAGE, `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`);
  }
  if (count(all, "wrong") > 0) process.exitCode = 1;
}

void main();
