/** Processor time of an invocation, warm, beside the floors. */
import { FORWARDER, forwarderEnv, runTool } from "../child.mjs";
import { cell, figure, number } from "../figures.mjs";
import { interleaved, iterationsFor } from "../rounds.mjs";
import { median, overall } from "../statistics.mjs";

/** @param {import("../run.mjs").Bench} bench */
export async function measureCpu({ workspace, intake, deliveries, rounds, isQuick, progress }) {
  const figures = [];
  const sizes = [];
  const rows = [];
  for (const name of deliveries) {
    progress(`cpu ${name}`);
    const prepared = await workspace.named(name);
    const { facts } = prepared;
    const measured = await interleaved(rounds, toolsFor(prepared, intake, iterationsFor(facts, isQuick)));
    const requests = prepared.sent.length;
    const over = (denominator) => overall(measured.map((round) => round.forwarder.cpuMs / denominator(round)));
    const ratios = {
      "/z": figure(
        `cpu.${name}/z`,
        `${name}: CPU ÷ Z`,
        over(({ plain }) => plain.cpuMs),
      ),
      "/tuned": figure(
        `cpu.${name}/tuned`,
        `${name}: CPU ÷ Z tuned`,
        over(({ tuned }) => tuned.cpuMs),
      ),
      "/j": figure(
        `cpu.${name}/j`,
        `${name}: CPU ÷ J`,
        over(({ json }) => json.cpuMs),
      ),
      "/post+z": figure(
        `cpu.${name}/post+z`,
        `${name}: CPU ÷ (POST + Z)`,
        over(({ post, plain }) => requests * post.cpuMs + plain.cpuMs),
      ),
    };
    figures.push(...Object.values(ratios));
    const cpuMs = (tool) => median(measured.map((round) => round[tool].cpuMs));
    sizes.push([
      name,
      number(facts.events),
      number(facts.rawBytes / 1e6),
      number(facts.gzipBytes / 1e3),
      number(facts.rawBytes / facts.gzipBytes),
      `${number(facts.traceLines)} / ${number(facts.spans)}`,
    ]);
    rows.push([
      name,
      ...["forwarder", "plain", "tuned", "json", "post"].map((tool) => number(cpuMs(tool))),
      ...Object.values(ratios).map(cell),
      number(facts.rawBytes / 1e3 / cpuMs("forwarder")),
    ]);
  }
  return {
    figures,
    tables: [
      {
        title: "Deliveries",
        columns: ["delivery", "log events", "raw MB", "gzip KB", "ratio", "trace lines / spans"],
        rows: sizes,
      },
      {
        title: "Processor time of a warm invocation",
        note: "ms, medians; ratios round by round, median (min–max). POST stands for as many bare POSTs as the forwarder sends requests.",
        columns: [
          "delivery",
          "forwarder",
          "Z",
          "Z tuned",
          "J",
          "one POST",
          "÷ Z",
          "÷ Z tuned",
          "÷ J",
          "÷ (POST + Z)",
          "raw MB/s",
        ],
        rows,
      },
    ],
  };
}

function toolsFor({ event, bodies }, { port }, iterations) {
  const job = { forwarder: FORWARDER, event, bodies, port, iterations };
  return {
    forwarder: () => runTool("forwarder", job, forwarderEnv(port)),
    plain: () => runTool("zlib", job),
    tuned: () => runTool("zlib", { ...job, isTuned: true }),
    json: () => runTool("json", job),
    post: () => runTool("post", { ...job, iterations: Math.max(iterations, 400) }),
  };
}
