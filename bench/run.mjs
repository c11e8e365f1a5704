/**
 * `npm run bench`: measures the built function beside floors that no forwarder can go below, on deliveries made from a
 * seed, against an intake on the same machine. What the figures mean stands in docs/performance.md.
 */
import { HELP, MEASURES, parseArguments, UsageError } from "./arguments.mjs";
import { compare, readBaseline, writeBaseline } from "./baseline.mjs";
import { requireBuild } from "./child.mjs";
import { DELIVERIES } from "./deliveries.mjs";
import { startIntake } from "./intake-client.mjs";
import { measureBytes } from "./measures/bytes.mjs";
import { measureColdStart } from "./measures/cold-start.mjs";
import { measureCpu } from "./measures/cpu.mjs";
import { measureGrowth } from "./measures/growth.mjs";
import { measureMemory } from "./measures/memory.mjs";
import { measureObject } from "./measures/object.mjs";
import { measureOptions } from "./measures/options.mjs";
import { measureViewer } from "./measures/viewer.mjs";
import { measureWall } from "./measures/wall.mjs";
import { measureWarming } from "./measures/warming.mjs";
import { reportText, writePage } from "./report.mjs";
import { smoke } from "./smoke.mjs";
import { Workspace } from "./workspace.mjs";

/**
 * @typedef {object} Bench
 * @property {Workspace} workspace
 * @property {{port: number}} intake
 * @property {string[]} deliveries that cpu and bytes are measured on
 * @property {string[]} smallest of each kind
 * @property {string[]} largest of each kind
 * @property {number} rounds
 * @property {number[]} invocations after which memory is read
 * @property {boolean} isQuick fewer iterations
 * @property {(what: string) => void} progress
 */

const RUN = {
  cpu: measureCpu,
  warming: measureWarming,
  wall: measureWall,
  memory: measureMemory,
  bytes: measureBytes,
  cold: measureColdStart,
  growth: measureGrowth,
  options: measureOptions,
  object: measureObject,
  viewer: measureViewer,
};

const ALL = Object.keys(DELIVERIES);
const ofSize = (...sizes) => ALL.filter((name) => sizes.some((size) => name.endsWith(`-${size}`)));

/** What a run measures. */
function planOf({ quick, check, only, measures, rounds }) {
  const plan = { deliveries: ALL, rounds: 5, invocations: [1, 20, 50], isQuick: quick, measures: MEASURES };
  if (quick) Object.assign(plan, { deliveries: ofSize("1k", "100k"), rounds: 3, invocations: [1, 20] });
  if (check) {
    const deliveries = [...ofSize("100k"), "lambda-1k", "lambda-1m"];
    Object.assign(plan, { deliveries, rounds: 3, invocations: [1, 20], measures: ["cpu", "memory", "bytes", "cold"] });
  }
  if (only) plan.deliveries = only;
  if (measures) plan.measures = measures;
  if (rounds) plan.rounds = rounds;
  const [smallest, largest] = [ofSize("1k"), quick ? ofSize("100k") : ofSize("1m")];
  return { ...plan, smallest, largest };
}

async function main(args) {
  const given = parseArguments(args);
  if (given.help) return process.stdout.write(HELP);
  requireBuild();
  // Before minutes are spent on what has nothing to be compared with.
  const baseline = given.check ? readBaseline() : undefined;
  const intake = await startIntake();
  const workspace = new Workspace(intake);
  process.once("SIGINT", () => {
    workspace.remove();
    process.exit(130);
  });
  try {
    if (given.smoke) {
      await smoke({ workspace, intake });
      return console.log("smoke: every tool works");
    }
    const plan = planOf(given);
    const results = [];
    for (const measure of plan.measures) results.push(await RUN[measure]({ ...plan, workspace, intake, progress }));
    const figures = results.flatMap((result) => result.figures);
    const text = reportText(results, ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "));
    if (given.check) {
      const { text: comparison, worse } = compare(baseline, figures);
      console.log(comparison);
      if (given.strict && worse > 0) process.exitCode = 1;
      return;
    }
    console.log(text);
    if (given.write) {
      writePage(text);
      writeBaseline(figures);
      console.error("written: docs/performance.md, bench/baseline.json");
    }
  } finally {
    workspace.remove();
    intake.stop();
  }
}

function progress(what) {
  process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n${error instanceof UsageError ? `\n${HELP}` : ""}`);
  process.exitCode = 1;
}
