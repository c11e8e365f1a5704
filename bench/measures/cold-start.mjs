/** From the start of the process to the end of its first, small delivery; and what is loaded on that way. */
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FORWARDER, forwarderEnv, runTool } from "../child.mjs";
import { cell, figure, number } from "../figures.mjs";
import { interleaved } from "../rounds.mjs";
import { middleHalf } from "../statistics.mjs";

/** More than elsewhere: a start takes a moment, and is easily disturbed. */
const MIN_ROUNDS = 15;

/** @param {import("../run.mjs").Bench} bench */
export async function measureColdStart({ workspace, intake, rounds, progress }) {
  progress("cold start");
  const { event, bodies } = await workspace.named("lambda-1k");
  const job = { forwarder: FORWARDER, event, bodies, port: intake.port, isCold: true };
  const timed = (tool) => async () => {
    const startedMs = Number(process.hrtime.bigint()) / 1e6;
    const { atMs } = await runTool(tool, job, forwarderEnv(intake.port));
    return atMs - startedMs;
  };
  const measured = await interleaved(Math.max(rounds, MIN_ROUNDS), {
    bare: timed("bare"),
    post: timed("post"),
    forwarder: timed("cold"),
  });
  const ms = (of) => middleHalf(measured.map(of));
  const beyondBare = figure(
    "cold.beyondBare",
    "cold start beyond bare Node",
    ms((of) => of.forwarder - of.bare),
    "ms",
  );
  const beyondPost = figure(
    "cold.beyondPost",
    "cold start beyond a bare POST",
    ms((of) => of.forwarder - of.post),
    "ms",
  );
  const entry = figure("bundle.entry", "entry file", statSync(FORWARDER).size / 1e3, "KB");
  const sdkChunks = chunksOfTheSdk();
  const loaded = await chunksLoaded(job, intake, sdkChunks);
  const sdk = figure(
    "bundle.sdk",
    "first deliveries that need a chunk of the AWS SDK",
    loaded === undefined ? 1 : 0,
    "",
  );
  return {
    figures: [beyondBare, beyondPost, entry, sdk],
    tables: [
      {
        title: "Cold start",
        note: "ms from the start of the process to the end of the first 1 KB delivery, median (middle half).",
        columns: ["bare Node", "one bare POST", "forwarder", "beyond bare Node", "beyond a bare POST"],
        rows: [
          [
            ...["bare", "post", "forwarder"].map((tool) => cell(ms((round) => round[tool]))),
            cell(beyondBare),
            cell(beyondPost),
          ],
        ],
      },
      {
        title: "What is loaded",
        note: "For the same delivery, by a function that has no chunk with AWS SDK code.",
        columns: ["entry file, KB", "chunks with AWS SDK code", "delivers without them", "other chunks loaded"],
        rows: [
          [
            cell(entry),
            number(sdkChunks.length),
            loaded === undefined ? "no ✗" : "yes ✓",
            loaded === undefined ? "" : number(loaded),
          ],
        ],
      },
    ],
  };
}

/** The files of dist/ that hold code of the AWS SDK, as the bundler says. */
function chunksOfTheSdk() {
  const bundled = JSON.parse(readFileSync(path.join(path.dirname(FORWARDER), "bundled.json"), "utf8"));
  const isOfTheSdk = (input) => /node_modules\/@(?:aws-sdk|aws-crypto|smithy)\//.test(input);
  return Object.keys(bundled).filter((chunk) => chunk.startsWith("chunks/") && bundled[chunk].some(isOfTheSdk));
}

/**
 * How many files a first delivery loads besides the entry file, where the chunks of the AWS SDK are missing.
 *
 * @returns undefined when it cannot do without them
 */
async function chunksLoaded(job, intake, sdkChunks) {
  const directory = mkdtempSync(path.join(tmpdir(), "forwarder-bench-without-sdk-"));
  try {
    const entry = path.basename(FORWARDER);
    for (const part of [entry, "chunks"]) {
      cpSync(path.join(path.dirname(FORWARDER), part), path.join(directory, part), { recursive: true });
    }
    for (const chunk of sdkChunks) rmSync(path.join(directory, chunk));
    const env = forwarderEnv(intake.port);
    const { files } = await runTool("loaded", { ...job, forwarder: path.join(directory, entry) }, env);
    return files.filter((file) => file !== entry).length;
  } catch {
    return undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
