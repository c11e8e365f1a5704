/** Log streams, cut into deliveries, of which every line's trace and span are known. */

import type { Random } from "./random.ts";
import { aRequest, type Line, type RequestShape, TRACERS, type Tracer, type Truth } from "./request.ts";

export interface Scenario {
  name: string;
  stream: string;
  deliveries: Delivery[];
}

export interface Delivery {
  lines: Line[];
  /** Which of the forwarder's processes reads it. */
  process: number;
}

export interface ScenarioGiven {
  tracers: readonly Tracer[];
  requests: number;
  isFlushedInParts?: boolean;
  isConcurrent?: boolean;
  /** How many requests its environment works on at once. More than one: it is of a kind that takes several. */
  atOnce?: number;
  /** How many pieces the stream comes in. */
  pieces?: number;
  processes?: number;
  isOutOfOrder?: boolean;
  /** Which lines never come, in percent. */
  lost?: Partial<Record<Line["kind"], number>>;
  /** Requests that fail, and that Lambda begins again under the same id. */
  isTriedAgain?: boolean;
  hasStrangers?: boolean;
  /** What is written in the background comes when the next request has begun: spans, and logs that carry ids. */
  isLate?: boolean;
}

/** The scenarios of the table in docs/correlation.md. */
export const SCENARIOS: Record<string, ScenarioGiven> = {
  "whole deliveries": { tracers: TRACERS, requests: 6 },
  "requests split over deliveries": { tracers: TRACERS, requests: 6, pieces: 5 },
  "split, read by several processes": { tracers: TRACERS, requests: 6, pieces: 5, processes: 3 },
  "traces flushed in parts": {
    tracers: ["dd-trace-js", "dd-trace-py"],
    requests: 6,
    pieces: 3,
    isFlushedInParts: true,
  },
  "spans side by side": { tracers: ["dd-trace-js", "dd-trace-py"], requests: 6, isConcurrent: true },
  "two requests at once": { tracers: TRACERS, requests: 6, atOnce: 2 },
  "two at once, split": { tracers: TRACERS, requests: 6, atOnce: 2, pieces: 6 },
  "two at once, split, out of order, by several processes": {
    tracers: TRACERS,
    requests: 6,
    atOnce: 2,
    pieces: 6,
    processes: 3,
    isOutOfOrder: true,
  },
  "ten requests at once": { tracers: TRACERS, requests: 20, atOnce: 10 },
  "ten at once, split": { tracers: TRACERS, requests: 20, atOnce: 10, pieces: 12 },
  "trace lines that never come": { tracers: TRACERS, requests: 6, pieces: 3, lost: { spans: 70 } },
  "START and END that never come": {
    tracers: TRACERS,
    requests: 6,
    pieces: 3,
    lost: { start: 100, end: 100 },
  },
  "out of order, and some twice": { tracers: TRACERS, requests: 6, pieces: 6, isOutOfOrder: true },
  "tried again under the same id": { tracers: TRACERS, requests: 4, pieces: 6, isTriedAgain: true },
  "spans and logs that come in the next request": { tracers: TRACERS, requests: 6, pieces: 3, isLate: true },
  "ids of other requests in logs": { tracers: TRACERS, requests: 6, pieces: 3, hasStrangers: true },
};

export function aScenario(random: Random, name: string, given: ScenarioGiven): Scenario {
  const { requests, atOnce = 1, pieces = 1, processes = 1, lost = {} } = given;
  const written: Line[][] = [];
  const ids: string[] = Array.from({ length: requests }, () => random.uuid());
  const unixMs = 1_795_226_069_000;
  const isShared = atOnce > 1;
  // A function has one format; one that takes several requests at once has no choice.
  const isJson = isShared || random.chance(40);
  const hasEnd = !isJson || random.chance(60);
  const tracers = given.tracers.length > 0 ? given.tracers : (["none"] as const);
  const isBounded = !lost.start && ((hasEnd && !lost.end) || !lost.report);
  const late: Line[][] = [];
  // Whose ids a log carries shows by those of them that came before the next START.
  const areLogsLate = processes === 1 && !given.isOutOfOrder && !lost.log && !lost.start;
  const laneUnixMs = Array.from({ length: atOnce }, () => unixMs);
  for (const [index, id] of ids.entries()) {
    const shape: RequestShape = {
      tracer: random.pick(tracers),
      isJson,
      hasEnd,
      isShared,
      isFlushedInParts: given.isFlushedInParts ?? false,
      // Of spans side by side, one may be in a piece that comes elsewhere.
      isConcurrent: (given.isConcurrent ?? false) && !given.isFlushedInParts,
      strangers: given.hasStrangers ? ids.filter((other) => other !== id) : [],
    };
    // What the first attempt leaves in the second can be told only where the first was seen.
    const attempts = given.isTriedAgain && !given.isLate ? 2 : 1;
    const lane = index % atOnce;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const lines = aRequest(random, shape, laneUnixMs[lane] as number, id);
      const leftBehind = (late[lane] ?? []).map((line) => ({ ...line, unixMs: (lines[0] as Line).unixMs }));
      late[lane] = given.isLate ? takeLate(random, lines, areLogsLate) : [];
      lines.splice(1, 0, ...leftBehind);
      // Lines between two requests can be told from a request's where its beginning and end are delivered.
      if (!isShared && isBounded && random.chance(20)) lines.push(idleLine(lines.at(-1)?.unixMs ?? 0));
      written.push(lines);
      const last = lines.at(-1)?.unixMs ?? 0;
      laneUnixMs[lane] = last + (attempt + 1 < attempts ? 60_000 : random.between(3, isShared ? 100 : 500));
    }
  }
  const all = written.flat().filter(({ kind }) => !random.chance(lost[kind] ?? 0));
  // As CloudWatch orders them; what has the same time keeps its order.
  const lines = isShared ? all.toSorted((a, b) => a.unixMs - b.unixMs) : all;
  const deliveries = cut(random, lines, pieces).map((piece) => ({
    lines: piece,
    process: random.between(0, processes - 1),
  }));
  if (given.isOutOfOrder && deliveries.length > 0) {
    deliveries.push({ ...random.pick(deliveries) });
    for (let index = deliveries.length - 1; index > 0; index--) {
      const other = random.between(0, index);
      [deliveries[index], deliveries[other]] = [deliveries[other] as Delivery, deliveries[index] as Delivery];
    }
  }
  const version = random.chance(50) ? "7" : isShared ? "$LATEST.PUBLISHED" : "$LATEST";
  return { name, stream: `2026/11/21/[${version}]${random.hex(32)}`, deliveries };
}

/** Takes out what is written in the background: spans, and logs that carry ids, behind one that says whose they are. */
function takeLate(random: Random, lines: Line[], areLogsLate: boolean): Line[] {
  const carries = ({ kind, message, truth }: Line): boolean =>
    kind === "log" && truth?.traceId !== "" && message.includes(`"${truth?.traceId}"`);
  const first = lines.find(carries);
  const mayBeLate = (line: Line): boolean => line.kind === "spans" || (areLogsLate && line !== first && carries(line));
  const taken = lines.filter((line) => mayBeLate(line) && random.chance(60));
  const kept = lines.filter((line) => !taken.includes(line));
  lines.splice(0, lines.length, ...kept);
  return taken;
}

/** Of an extension, or of a timer that somebody left behind. */
function idleLine(unixMs: number): Line {
  return { message: "EXTENSION\tName: x\tState: Ready\tEvents: []\n", unixMs, truth: NOWHERE, kind: "log" };
}

const NOWHERE: Truth = { traceId: "", spanIds: [], deeper: [] };

function cut(random: Random, lines: Line[], pieces: number): Line[][] {
  const places = Array.from({ length: pieces - 1 }, () => random.between(0, lines.length)).sort((a, b) => a - b);
  return [0, ...places]
    .map((from, index) => lines.slice(from, places[index] ?? lines.length))
    .filter(({ length }) => length > 0);
}
