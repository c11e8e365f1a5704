/** The simulation as tables in Markdown. */
import { capacity, monthlyCost, streamIntake, wayFor } from "./model.mjs";
import { QUOTAS } from "./prices.mjs";
import { SUBSCRIBED_GAIN_PER_SECOND, simulated } from "./simulation.mjs";

/** @param loads each as `capacity` takes it @param burst as `simulated` takes it */
export function scaleText(loads, burst) {
  const rows = loads.map((load) => {
    const needs = capacity(load);
    return { load, needs, cost: monthlyCost(needs, load) };
  });
  return [
    table(
      ["log events a second", "deliveries a second", "ms each", "at the same time", "MB a second", "or shards", "way"],
      rows.map(({ load, needs }) => [
        count(load.eventsPerSecond),
        count(needs.deliveriesPerSecond),
        count(needs.durationMs),
        count(needs.concurrency),
        count(needs.bytesPerSecond / 1e6),
        count(needs.shards),
        wayFor(needs),
      ]),
    ),
    table(
      [
        "USD a month for",
        "Lambda, subscribed",
        "or: Lambda, reading a stream",
        "and the stream",
        "traffic to the internet",
      ],
      rows.map(({ load, cost }) => [
        `${count(load.eventsPerSecond)} a second`,
        count(cost.subscribed),
        count(cost.reading),
        count(cost.stream),
        count(cost.egress),
      ]),
    ),
    table(
      [
        `${burst.factor} times as much for ${burst.seconds} s`,
        "waits, subscribed",
        "caught up after",
        "waits, in a stream",
        "caught up after",
      ],
      rows.map(({ load, needs }) => {
        const direct = simulated({
          ...needs,
          limit: QUOTAS.concurrency,
          gainPerSecond: SUBSCRIBED_GAIN_PER_SECOND,
          burst,
        });
        const limit = needs.shards * QUOTAS.parallelizationFactor;
        const durationMs = needs.streamMs;
        const intakePerSecond = streamIntake(needs, load);
        const gainPerSecond = Number.POSITIVE_INFINITY;
        const stream = simulated({ ...needs, durationMs, limit, intakePerSecond, gainPerSecond, burst });
        return [
          `${count(load.eventsPerSecond)} a second`,
          wait(direct),
          seconds(direct.caughtUpSeconds),
          wait(stream),
          seconds(stream.caughtUpSeconds),
        ];
      }),
    ),
  ].join("\n\n");
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Two digits that count; thousands apart. */
function count(value) {
  if (value === 0) return "0";
  if (value < 10) return String(Number(value.toPrecision(2)));
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, " ");
}

function wait({ longestWaitSeconds, caughtUpSeconds }) {
  return caughtUpSeconds === Number.POSITIVE_INFINITY ? "longer and longer" : seconds(longestWaitSeconds);
}

function seconds(value) {
  if (value === Number.POSITIVE_INFINITY) return "never";
  if (value < 1) return "none";
  return value < 120 ? `${Math.ceil(value)} s` : `${Math.ceil(value / 60)} min`;
}
