/** `npm run scale`: what a load takes, in executions, shards and money, from what was measured. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { measured } from "./scale/measured.mjs";
import { scaleText } from "./scale/text.mjs";

const HELP = `npm run scale -- [options]      what a load takes: executions, shards, money, and how it bears a burst

  --events-per-second N[,N…]   default 1000,10000,100000,1000000
  --delivery KIND              what CloudWatch delivers at once; default lambda-10k. Many quiet log streams make small
                               deliveries, few busy ones large ones
  --memory MB                  of the function; default 1024
  --intake-ms N                until the intake answers; default 50
  --slowdown N                 how many times as long Lambda's processor takes as the benchmark's machine; default 1.5
  --burst FACTORxSECONDS       default 10x60
  --help
`;

/** A command line that cannot be used; the message says why. */
class UsageError extends Error {}

function main(args) {
  const { values } = parsed(args);
  if (values.help) return HELP;
  const page = readFileSync(new URL("../docs/performance.md", import.meta.url), "utf8");
  const baseline = JSON.parse(readFileSync(new URL("baseline.json", import.meta.url), "utf8"));
  const figures = measured(page, baseline);
  const delivery = values.delivery ?? "lambda-10k";
  if (!Object.hasOwn(figures, delivery)) {
    throw new UsageError(`--delivery must be one of ${Object.keys(figures).join(", ")}, got ${delivery}`);
  }
  const [factor, seconds] = (values.burst ?? "10x60").split("x").map(Number);
  if (!(factor >= 1 && seconds >= 1)) throw new UsageError(`--burst must be as 10x60, got ${values.burst}`);
  const common = {
    figure: figures[delivery],
    memoryMb: positive(values, "memory", 1_024),
    intakeMs: positive(values, "intake-ms", 50),
    slowdown: positive(values, "slowdown", 1.5),
  };
  const rates = (values["events-per-second"] ?? "1000,10000,100000,1000000").split(",").map(Number);
  if (!rates.every((rate) => rate > 0)) throw new UsageError("--events-per-second must be numbers above 0");
  const loads = rates.map((eventsPerSecond) => ({ ...common, eventsPerSecond }));
  const { events, bytesIn, cpuMs } = common.figure;
  return [
    `Deliveries such as ${delivery}: ${events} log events, ${bytesIn} bytes, ${cpuMs} ms measured; ${common.memoryMb} MB, an intake that answers after ${common.intakeMs} ms, a processor that takes ${common.slowdown} times as long.`,
    scaleText(loads, { factor, seconds }),
    "",
  ].join("\n\n");
}

function parsed(args) {
  const text = { type: "string" };
  try {
    return parseArgs({
      args,
      options: {
        "events-per-second": text,
        delivery: text,
        memory: text,
        "intake-ms": text,
        slowdown: text,
        burst: text,
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function positive(values, name, usual) {
  const value = Number(values[name] ?? usual);
  if (!(value > 0)) throw new UsageError(`--${name} must be a number above 0, got ${values[name]}`);
  return value;
}

try {
  process.stdout.write(main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`scale: ${error.message}\n${error instanceof UsageError ? `\n${HELP}` : ""}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
