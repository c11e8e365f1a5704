/** The most memory that the process held, beside what Node takes for itself. */
import { FORWARDER, forwarderEnv, runTool } from "../child.mjs";
import { cell, figure, number } from "../figures.mjs";
import { interleaved } from "../rounds.mjs";
import { overall } from "../statistics.mjs";

/** @param {import("../run.mjs").Bench} bench */
export async function measureMemory({ workspace, intake, largest, rounds, invocations, progress }) {
  const figures = [];
  const rows = [];
  for (const name of largest) {
    progress(`memory ${name}`);
    const { event, facts, kind } = await workspace.named(name);
    const smaller = await workspace.named(`${kind}-100k`);
    const run = (file, count) => () =>
      runTool("memory", { forwarder: FORWARDER, event: file, invocations: count }, forwarderEnv(intake.port));
    const measured = await interleaved(Math.min(rounds, 3), {
      bare: () => runTool("bare", {}),
      smaller: run(smaller.event, 1),
      ...Object.fromEntries(invocations.map((count) => [`after${count}`, run(event, count)])),
    });
    const rawMb = facts.rawBytes / 1e6;
    const inMb = (of) => overall(measured.map((round) => of(round) / 1e6));
    const beyondBare = invocations.map((count) =>
      figure(
        `memory.${name}.beyondBare${count}`,
        `${name}: peak memory beyond bare Node after ${count}`,
        inMb((round) => round[`after${count}`].peakBytes - round.bare.peakBytes),
        "MB",
      ),
    );
    const perRaw = figure(
      `memory.${name}/raw`,
      `${name}: peak memory beyond bare Node ÷ raw, after the first`,
      inMb(({ after1, bare }) => (after1.peakBytes - bare.peakBytes) / rawMb),
    );
    const slope =
      smaller.name !== name &&
      figure(
        `memory.${name}.slope`,
        `${name}: memory per raw byte beyond ${smaller.name}'s, after the first`,
        inMb(
          ({ after1, smaller: less }) => (after1.peakBytes - less.peakBytes) / (rawMb - smaller.facts.rawBytes / 1e6),
        ),
      );
    figures.push(...beyondBare, perRaw, ...(slope ? [slope] : []));
    const peaks = ["bare", ...invocations.map((count) => `after${count}`)];
    rows.push([
      name,
      number(rawMb),
      ...peaks.map((peak) => cell(inMb((round) => round[peak].peakBytes))),
      ...beyondBare.map(cell),
      cell(perRaw),
      slope ? cell(slope) : "",
    ]);
  }
  return {
    figures,
    tables: [
      {
        title: "Peak memory",
        note: "MB resident, median (min–max), one process each. Slope: what each further raw byte takes, from the 100 KB delivery on.",
        columns: [
          "delivery",
          "raw MB",
          "bare Node",
          ...invocations.map((count) => `after ${count}`),
          ...invocations.map((count) => `− bare, ${count}`),
          "(first − bare) ÷ raw",
          "slope",
        ],
        rows,
      },
    ],
  };
}
