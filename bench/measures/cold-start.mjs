/** From the start of the process to the end of its first, small delivery; and what is loaded on that way. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
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
  const chunks = figure(
    "bundle.chunks",
    "chunks loaded for the first delivery",
    (await runsAlone(job, intake)) ? 0 : 1,
    "",
  );
  return {
    figures: [beyondBare, beyondPost, entry, chunks],
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
        columns: ["entry file, KB", "chunks built", "delivers with the chunks out of reach"],
        rows: [[cell(entry), number(chunksBuilt()), chunks.value === 0 ? "yes ✓" : "no ✗"]],
      },
    ],
  };
}

/** Whether the entry file delivers from a directory where it stands alone, so that it can load nothing else. */
async function runsAlone(job, intake) {
  const directory = mkdtempSync(path.join(tmpdir(), "forwarder-bench-alone-"));
  try {
    const alone = path.join(directory, "forwarder.mjs");
    copyFileSync(FORWARDER, alone);
    await runTool("cold", { ...job, forwarder: alone }, forwarderEnv(intake.port));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function chunksBuilt() {
  try {
    return readdirSync(path.join(path.dirname(FORWARDER), "chunks")).length;
  } catch {
    return 0;
  }
}
