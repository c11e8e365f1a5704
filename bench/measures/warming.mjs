/** Processor time of the first invocations of a process, while its code is compiled, beside a floor that is warm. */
import { FORWARDER, forwarderEnv, runTool } from "../child.mjs";
import { cell, figure } from "../figures.mjs";
import { interleaved, iterationsFor } from "../rounds.mjs";
import { overall } from "../statistics.mjs";

/** The last invocation of each window. */
const ENDS = [1, 5, 15, 45, 90, 180, 360];
const KINDS = ["lambda", "trace", "text"];

/** @param {import("../run.mjs").Bench} bench */
export async function measureWarming({ workspace, intake, rounds, progress }) {
  const figures = [];
  const rows = [];
  for (const name of KINDS.map((kind) => `${kind}-100k`)) {
    progress(`warming ${name}`);
    const { event, bodies, facts } = await workspace.named(name);
    const job = { forwarder: FORWARDER, event, bodies, port: intake.port };
    const measured = await interleaved(Math.min(rounds, 3), {
      forwarder: () => runTool("warming", { ...job, ends: ENDS }, forwarderEnv(intake.port)),
      plain: () => runTool("zlib", { ...job, iterations: iterationsFor(facts, false) }),
    });
    const ratios = ENDS.map((end, index) =>
      figure(
        `warming.${name}.${end}/z`,
        `${name}: CPU ÷ Z, invocations up to ${end}`,
        overall(measured.map(({ forwarder, plain }) => forwarder.cpuMs[index] / plain.cpuMs)),
      ),
    );
    figures.push(...ratios);
    rows.push([name, ...ratios.map(cell)]);
  }
  return {
    figures,
    tables: [
      {
        title: "Processor time while a process warms up",
        note: "÷ Z, by the number of the invocation, median (min–max).",
        columns: ["delivery", ...ENDS.map((end, index) => (end === 1 ? "1" : `${(ENDS[index - 1] ?? 0) + 1}–${end}`))],
        rows,
      },
    ],
  };
}
