import { findLinks } from "../../src/transforms/correlate.ts";
import { mixedAttempts } from "../../src/transforms/mixed-attempts.ts";
import { extentsIn } from "../../src/transforms/request-extent.ts";
import { aPayload } from "../helpers/payloads.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const T0 = 1_795_226_069_000;
const START = `START RequestId: ${REQUEST} Version: 7\n`;
const END = `END RequestId: ${REQUEST}\n`;
const line = `2026-11-21T01:53:45.858Z\t${REQUEST}\tINFO\tx\n`;

const SPANS = aPayload({ meta: { request_id: REQUEST } });

/** Whether lines of several attempts are seen among those of the request. */
function isMixed(...lines: [message: string, second: number][]): boolean {
  const telemetry = telemetryOf(lines.map(([message, second]) => ({ message, timestamp: T0 + second * 1_000 })));
  const findings = findLinks(telemetry);
  return mixedAttempts(telemetry, findings, extentsIn(telemetry, findings), 30_000).size > 0;
}

describe("the lines of a request", () => {
  it.each<[string, [string, number][], boolean]>([
    [
      "are of one attempt from START to END",
      [
        [START, 0],
        [line, 100],
        [END, 200],
      ],
      false,
    ],
    [
      "are of one attempt behind START, however long it takes",
      [
        [START, 0],
        [line, 100],
        [line, 200],
      ],
      false,
    ],
    [
      "are of one attempt shortly behind its END",
      [
        [line, 0],
        [END, 1],
        [line, 30],
      ],
      false,
    ],
    [
      "are of two where some stand long behind its END",
      [
        [line, 0],
        [END, 1],
        [line, 61],
      ],
      true,
    ],
    [
      "are of one where they follow each other",
      [
        [line, 0],
        [line, 29],
        [line, 58],
      ],
      false,
    ],
    [
      "are of two where a long silence is between them, and no START",
      [
        [line, 0],
        [line, 29],
        [line, 90],
      ],
      true,
    ],
    [
      "are of two attempts that are known apart by START",
      [
        [line, 0],
        [START, 60],
        [line, 61],
      ],
      false,
    ],
    [
      "are of two where the silence is behind the spans of the first",
      [
        [SPANS, 0],
        [line, 61],
        [line, 62],
      ],
      true,
    ],
    [
      "are of two where the silence is before the spans of the second",
      [
        [line, 0],
        [line, 1],
        [SPANS, 62],
      ],
      true,
    ],
    [
      "are of one where its spans stand between them",
      [
        [line, 0],
        [SPANS, 29],
        [line, 58],
      ],
      false,
    ],
  ])("%s", (_, lines, expected) => expect(isMixed(...lines)).toBe(expected));
});
