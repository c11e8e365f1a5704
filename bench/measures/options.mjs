/** What a setting costs: processor time and bytes out, beside the default's. */
import { FORWARDER, forwarderEnv, runTool } from "../child.mjs";
import { cell, figure } from "../figures.mjs";
import { OPTION_DELIVERIES, OPTIONS } from "../options.mjs";
import { interleaved, iterationsFor } from "../rounds.mjs";
import { overall } from "../statistics.mjs";

/** @param {import("../run.mjs").Bench} bench */
export async function measureOptions({ workspace, intake, rounds, isQuick, progress }) {
  const figures = [];
  const rows = OPTIONS.map(({ name, settings }) => [name, Object.keys(settings).join(", ")]);
  for (const delivery of OPTION_DELIVERIES) {
    progress(`options ${delivery}`);
    const { event, facts } = await workspace.named(delivery);
    const job = { forwarder: FORWARDER, event, iterations: iterationsFor(facts, isQuick) };
    const run = (settings) => () => runTool("forwarder", job, forwarderEnv(intake.port, settings));
    const measured = await interleaved(Math.min(rounds, 3), {
      default: run({}),
      ...Object.fromEntries(OPTIONS.map(({ name, settings }) => [name, run(settings)])),
    });
    for (const [index, { name }] of OPTIONS.entries()) {
      const ratio = (of) => overall(measured.map((round) => of(round[name]) / of(round.default)));
      const cpu = figure(
        `option.${name}.${delivery}`,
        `${name}, ${delivery}: CPU ÷ default`,
        ratio(({ cpuMs }) => cpuMs),
      );
      figures.push(cpu);
      rows[index].push(cell(cpu), cell(ratio(({ ledger }) => bytesOut(ledger))));
    }
  }
  const columns = OPTION_DELIVERIES.flatMap((delivery) => [`CPU, ${delivery}`, "bytes"]);
  return {
    figures,
    tables: [
      {
        title: "What settings cost",
        note: "÷ the default, median (min–max).",
        columns: ["", "setting", ...columns],
        rows,
      },
    ],
  };
}

function bytesOut({ destinations }) {
  return Object.values(destinations).reduce((sum, { bytes }) => sum + bytes, 0);
}
