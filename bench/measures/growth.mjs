/** Cost against size, one dimension at a time, doubled from step to step: what is linear costs the same per unit. */
import { FORWARDER, forwarderEnv, runTool } from "../child.mjs";
import { cell, figure, number } from "../figures.mjs";
import { interleaved } from "../rounds.mjs";
import { overall } from "../statistics.mjs";

const DIMENSIONS = [
  {
    id: "events",
    title: "log events",
    unit: "log event",
    steps: [1_000, 2_000, 4_000, 8_000, 16_000],
    delivery: (events) => ({ kind: "text", events, messageBytes: 200 }),
    units: ({ events }) => events,
  },
  {
    id: "bytes",
    title: "bytes of a message, 1 000 of them",
    unit: "raw KB",
    steps: [256, 512, 1_024, 2_048, 4_096],
    delivery: (messageBytes) => ({ kind: "text", events: 1_000, messageBytes }),
    units: ({ rawBytes }) => rawBytes / 1e3,
  },
  {
    id: "spans",
    title: "spans of a trace, 8 traces",
    unit: "span",
    steps: [32, 64, 128, 256, 512],
    delivery: (spans) => ({ kind: "trace", requests: 8, spansPerTrace: [spans, spans] }),
    units: ({ spans }) => spans,
  },
  {
    id: "requests",
    title: "requests, 8 lines each",
    unit: "request",
    steps: [100, 200, 400, 800, 1_600],
    delivery: (requests) => ({ kind: "lambda", requests, linesPerRequest: [8, 8] }),
    units: ({ requests }) => requests,
  },
];

/** Raw bytes in all iterations of a process. */
const WORK_BYTES = 80e6;

/** @param {import("../run.mjs").Bench} bench */
export async function measureGrowth({ workspace, intake, rounds, isQuick, progress }) {
  const figures = [];
  const tables = [];
  for (const { id, title, unit, steps, delivery, units } of DIMENSIONS) {
    progress(`growth ${id}`);
    const tools = {};
    const count = {};
    for (const step of steps) {
      const { event, facts } = await workspace.prepare(`growth-${id}-${step}`, delivery(step));
      const work = isQuick ? WORK_BYTES / 3 : WORK_BYTES;
      const iterations = Math.max(8, Math.min(400, Math.round(work / facts.rawBytes)));
      const job = { forwarder: FORWARDER, event, iterations };
      tools[step] = () => runTool("forwarder", job, forwarderEnv(intake.port));
      count[step] = units(facts);
    }
    const measured = await interleaved(Math.min(rounds, 3), tools);
    const perUnit = (round, step) => (round[step].cpuMs * 1_000) / count[step];
    const [middle, largest] = [steps[Math.floor(steps.length / 2)], steps.at(-1)];
    const steadiness = figure(
      `growth.${id}.steadiness`,
      `${title}: cost per ${unit} at the largest ÷ at the middle`,
      overall(measured.map((round) => perUnit(round, largest) / perUnit(round, middle))),
    );
    figures.push(steadiness);
    tables.push({
      title: `Growth with ${title}`,
      note: `µs of processor time per ${unit}, median (min–max). The largest ÷ the middle: ${cell(steadiness)}`,
      columns: ["", ...steps.map(number)],
      rows: [[`per ${unit}`, ...steps.map((step) => cell(overall(measured.map((round) => perUnit(round, step)))))]],
    });
  }
  return { figures, tables };
}
