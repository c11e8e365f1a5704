/** What the local intake takes while somebody looks on, and whether it keeps within its memory. */
import { runTool } from "../child.mjs";
import { cell, figure, number } from "../figures.mjs";
import { overall } from "../statistics.mjs";

const SPANS_PER_SECOND = 5_000;
const LOGS_PER_SECOND = 20_000;

/** @param {import("../run.mjs").Bench} bench */
export async function measureViewer({ rounds, isQuick, progress }) {
  // Long enough for what came first to make room.
  const job = { seconds: isQuick ? 6 : 20, spansPerSecond: SPANS_PER_SECOND, logsPerSecond: LOGS_PER_SECOND };
  const measured = [];
  for (let round = 0; round < Math.min(rounds, isQuick ? 1 : 3); round++) {
    progress(`viewer, round ${round + 1}`);
    measured.push(await runTool("viewer", job));
  }
  const of = (value) => overall(measured.map(value));
  const percentile = (list, share) => list[Math.ceil(share * list.length) - 1] ?? 0;
  const figures = [
    figure("viewer.missing", "spans and logs not taken of those sent", of(missing), "%"),
    figure(
      "viewer.cpu",
      "processor time, of one core",
      of(({ cpuMs, seconds }) => cpuMs / seconds / 10),
      "%",
    ),
    figure(
      "viewer.rss",
      "peak memory",
      of(({ rssBytes }) => rssBytes / 1e6),
      "MB",
    ),
    figure(
      "viewer.held",
      "held ÷ limit, at most",
      of(({ heldBytes, maxBytes }) => heldBytes / maxBytes),
    ),
    figure(
      "viewer.unbalanced",
      "spans and logs neither held nor evicted",
      of(({ unbalanced }) => unbalanced),
      "",
    ),
    figure(
      "viewer.taking",
      "answer to a sender, 99 %",
      of(({ delaysMs }) => percentile(delaysMs, 0.99)),
      "ms",
    ),
    figure(
      "viewer.asking",
      "answer to a question, 95 %",
      of(({ answersMs }) => percentile(answersMs, 0.95)),
      "ms",
    ),
  ];
  const evicted = measured.map(({ evicted: { spans, logs } }) => spans + logs);
  return {
    figures,
    tables: [
      {
        title: "The local intake",
        note: `${number(SPANS_PER_SECOND)} spans/s as OTLP and ${number(LOGS_PER_SECOND)} logs/s as Datadog's, gzip, for ${job.seconds} s, a live stream open and five questions a second. Evicted meanwhile: ${evicted.map(number).join(", ")}.`,
        columns: ["", "measured"],
        rows: figures.map(({ label, unit, ...rest }) => [label, `${cell(rest)} ${unit}`.trim()]),
      },
    ],
  };
}

function missing({ spans, logs, seconds }) {
  const expected = Math.round(seconds) * (SPANS_PER_SECOND + LOGS_PER_SECOND);
  return Math.max(0, (1 - (spans + logs) / expected) * 100);
}
