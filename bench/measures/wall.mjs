/** Time that passes in an invocation, with an intake that answers at once and with one that takes a while. */
import { FORWARDER, forwarderEnv, runTool } from "../child.mjs";
import { cell, figure, number } from "../figures.mjs";
import { interleaved } from "../rounds.mjs";
import { overall } from "../statistics.mjs";

const LATENCY_MS = 30;

/** @param {import("../run.mjs").Bench} bench */
export async function measureWall({ workspace, intake, smallest, largest, rounds, progress }) {
  const figures = [];
  const rows = [];
  for (const name of [...smallest, ...largest]) {
    progress(`wall ${name}`);
    const { event, bodies, facts, sent } = await workspace.named(name);
    const isSmall = smallest.includes(name);
    const job = { forwarder: FORWARDER, event, bodies, port: intake.port, iterations: isSmall ? 60 : 12 };
    const run = (tool, latencyMs) => async () => {
      intake.answerAfter(latencyMs);
      return runTool(tool, job, forwarderEnv(intake.port));
    };
    const measured = await interleaved(Math.min(rounds, 3), {
      fast: run("forwarder", 0),
      slow: run("forwarder", LATENCY_MS),
      post: run("post", LATENCY_MS),
    });
    intake.answerAfter(0);
    const wall = (of) => overall(measured.map(of));
    const beyond = figure(
      `wall.${name}.beyondLatency`,
      `${name}: wall − ${LATENCY_MS} ms`,
      wall(({ slow }) => slow.wallMs - LATENCY_MS),
      "ms",
    );
    const roundTrips = figure(
      `wall.${name}.roundTrips`,
      `${name}: time, in round trips of ${LATENCY_MS} ms`,
      wall(({ slow }) => slow.wallMs / LATENCY_MS),
      "×",
    );
    figures.push(isSmall ? beyond : roundTrips);
    rows.push([
      name,
      cell(wall(({ fast }) => fast.wallMs)),
      cell(wall(({ slow }) => slow.wallMs)),
      isSmall ? cell(beyond) : "",
      cell(wall(({ post }) => post.wallMs - LATENCY_MS)),
      cell(roundTrips),
      number(sent.length),
      number(facts.gzipBytes / 1e3),
    ]);
  }
  const slow = `intake after ${LATENCY_MS} ms`;
  return {
    figures,
    tables: [
      {
        title: "Time of a warm invocation",
        note: "ms, median (min–max). Round trips: that time as a multiple of the intake's.",
        columns: [
          "delivery",
          "intake at once",
          slow,
          "beyond that",
          "bare POST beyond that",
          "round trips",
          "requests",
          "gzip KB",
        ],
        rows,
      },
    ],
  };
}
