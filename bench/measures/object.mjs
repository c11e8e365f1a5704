/** Objects of S3 that are larger than the heap: how fast they go through, and that memory does not grow with them. */
import { runTool } from "../child.mjs";
import { cell, figure, number } from "../figures.mjs";
import { forwardObject, OBJECTS } from "../objects.mjs";
import { interleaved } from "../rounds.mjs";
import { overall } from "../statistics.mjs";

const HEAP_MB = 256;
/** The smaller is as large as the heap; memory that grew would show in the larger. */
const MEGABYTES = [256, 1_024];
const QUICK_MEGABYTES = [64, 192];

/** @param {import("../run.mjs").Bench} bench */
export async function measureObject({ intake, rounds, isQuick, progress }) {
  const [small, large] = isQuick ? QUICK_MEGABYTES : MEGABYTES;
  const figures = [];
  const rows = [];
  for (const kind of Object.keys(OBJECTS)) {
    progress(`object of ${kind}`);
    const forward = (megabytes) => () => forwardObject({ kind, megabytes, heapMb: HEAP_MB, port: intake.port });
    const measured = await interleaved(Math.min(rounds, 3), {
      bare: () => runTool("bare", {}),
      small: forward(small),
      large: forward(large),
    });
    const of = (value) => overall(measured.map(value));
    const cpu = figure(
      `object.${kind}.cpu`,
      `object of ${kind}: processor time per MB`,
      of((round) => round.large.cpuMs / (round.large.rawBytes / 1e6)),
      "ms",
    );
    const beyondBare = figure(
      `object.${kind}.beyondBare`,
      `object of ${kind}: peak memory beyond bare Node`,
      of((round) => (round.large.peakBytes - round.bare.peakBytes) / 1e6),
      "MB",
    );
    const slope = figure(
      `object.${kind}.slope`,
      `object of ${kind}: peak memory per further byte of the object`,
      of((round) => (round.large.peakBytes - round.small.peakBytes) / (round.large.rawBytes - round.small.rawBytes)),
      "",
    );
    figures.push(cpu, beyondBare, slope);
    const [{ large: facts }] = measured;
    rows.push([
      kind,
      number(facts.rawBytes / 1e6),
      number(facts.gzipBytes / 1e6),
      number(facts.ledger.events),
      cell(of((round) => round.large.rawBytes / 1e3 / round.large.ms)),
      cell(cpu),
      cell(of((round) => round.large.peakBytes / 1e6)),
      cell(beyondBare),
      cell(slope),
    ]);
  }
  return {
    figures,
    tables: [
      {
        title: "Objects of S3",
        note: `Each in a process of its own with \`--max-old-space-size=${HEAP_MB}\`; S3 and the intake are others. Slope: beside an object of ${small} MB.`,
        columns: ["of", "MB", "gzip MB", "events", "MB/s", "CPU ms/MB", "peak MB", "− bare Node", "slope"],
        rows,
      },
    ],
  };
}
