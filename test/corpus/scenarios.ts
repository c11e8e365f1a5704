/** Log streams, cut into deliveries, of which every line's trace and span are known. */

import type { Random } from "./random.ts";
import { aRequest, type Line, type RequestShape, TRACERS, type Tracer } from "./request.ts";

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
  /** Several requests at once, as in an environment that takes them; every line tells its request or carries ids. */
  isInterleaved?: boolean;
  /** How many pieces the stream comes in. */
  pieces?: number;
  processes?: number;
  isOutOfOrder?: boolean;
  /** Which lines never come, in percent. */
  lost?: Partial<Record<Line["kind"], number>>;
  /** Requests that fail, and that Lambda begins again under the same id. */
  isTriedAgain?: boolean;
  hasStrangers?: boolean;
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
  "several requests at once": { tracers: TRACERS, requests: 6, isInterleaved: true },
  "several at once, split": { tracers: TRACERS, requests: 6, isInterleaved: true, pieces: 4 },
  "trace lines that never come": { tracers: TRACERS, requests: 6, pieces: 3, lost: { spans: 70 } },
  "START and END that never come": {
    tracers: TRACERS,
    requests: 6,
    pieces: 3,
    lost: { start: 100, end: 100 },
  },
  "out of order, and some twice": { tracers: TRACERS, requests: 6, pieces: 6, isOutOfOrder: true },
  "tried again under the same id": { tracers: TRACERS, requests: 4, pieces: 6, isTriedAgain: true },
  "ids of other requests in logs": { tracers: TRACERS, requests: 6, pieces: 3, hasStrangers: true },
};

export function aScenario(random: Random, name: string, given: ScenarioGiven): Scenario {
  const { requests, pieces = 1, processes = 1, lost = {} } = given;
  const written: Line[][] = [];
  const ids: string[] = Array.from({ length: requests }, () => random.uuid());
  let unixMs = 1_795_226_069_000;
  // A function has one format.
  const isJson = given.isInterleaved || random.chance(40);
  const hasEnd = !isJson || random.chance(60);
  // A delivery that shows one of several requests cannot tell it from the only one.
  const isSplitAmongOthers = given.isInterleaved === true && (pieces > 1 || Object.keys(lost).length > 0);
  const tracers = given.tracers.filter((tracer) => !isSplitAmongOthers || tracer !== "dd-trace alone");
  for (const id of ids) {
    const shape: RequestShape = {
      tracer: random.pick(tracers.length > 0 ? tracers : (["none"] as const)),
      isJson,
      hasEnd,
      onlyRuntime: isSplitAmongOthers,
      bare: !given.isInterleaved && !lost.start,
      isFlushedInParts: (given.isFlushedInParts ?? false) && !isSplitAmongOthers,
      // Of spans side by side, one may be in a piece that comes elsewhere.
      isConcurrent: (given.isConcurrent ?? false) && !given.isFlushedInParts,
      strangers: given.hasStrangers ? ids.filter((other) => other !== id) : [],
    };
    // Without the platform's lines nothing tells one attempt from the other.
    const attempts = given.isTriedAgain && !(lost.start && lost.report) ? 2 : 1;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const lines = aRequest(random, shape, unixMs, id);
      written.push(lines);
      const last = lines.at(-1)?.unixMs ?? unixMs;
      unixMs = given.isInterleaved ? unixMs + random.between(0, 200) : last + random.between(3, 500);
      if (attempt + 1 < attempts) unixMs = last + 60_000;
    }
  }
  const all = written.flat().filter(({ kind }) => !random.chance(lost[kind] ?? 0));
  // As CloudWatch orders them; what has the same time keeps its order.
  const lines = given.isInterleaved ? all.toSorted((a, b) => a.unixMs - b.unixMs) : all;
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
  return { name, stream: `2026/11/21/[$LATEST]${random.hex(32)}`, deliveries };
}

function cut(random: Random, lines: Line[], pieces: number): Line[][] {
  const places = Array.from({ length: pieces - 1 }, () => random.between(0, lines.length)).sort((a, b) => a - b);
  return [0, ...places]
    .map((from, index) => lines.slice(from, places[index] ?? lines.length))
    .filter(({ length }) => length > 0);
}
