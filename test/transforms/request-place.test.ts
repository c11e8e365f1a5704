import { readLogContext } from "../../src/formats/log-context.ts";
import { RequestPlace } from "../../src/transforms/request-place.ts";

const [A, B] = ["aaaaaaaa-1111-4111-8111-111111111111", "bbbbbbbb-2222-4222-8222-222222222222"];
const [startA, endA, reportA] = [`START RequestId: ${A}`, `END RequestId: ${A}`, `REPORT RequestId: ${A}`];
const [startB, endB, reportB] = [`START RequestId: ${B}`, `END RequestId: ${B}`, `REPORT RequestId: ${B}`];

/** For each line the request it is in: `a`, `b`, or `-`. */
function places(lines: string[], known: string[] = []): string {
  const contexts = lines.map((line) => readLogContext(line, () => line));
  const place = new RequestPlace(new Set(known), contexts);
  return contexts.map((context) => place.ofLog(context)[0] ?? "-").join("");
}

describe("the place of a line", () => {
  it.each<[string, string[], string]>([
    ["is between START and END", ["x", startA, "x", endA, "x", reportA, "x", startB, "x", endB], "-aaa-a-bbb"],
    [
      "is between START and REPORT where END is not delivered",
      [startA, "x", reportA, "x", startB, "x", reportB],
      "aaa-bbb",
    ],
    ["is before an END whose START was delivered earlier", ["x", "x", endA, reportA, "x"], "aaaa-"],
    ["is before a REPORT whose START and END are not delivered", ["x", reportA, "x"], "aa-"],
    ["is behind a START whose END is yet to come", [startA, "x", "x"], "aaa"],
    ["is nowhere without START and END", ["x", "x"], "--"],
    [
      "is nowhere while two requests are open",
      [startA, "x", startB, "x", endA, "x", endB, "x", startA, "x"],
      "aab-a-b-aa",
    ],
    ["is nowhere while one that began earlier is open too", [startB, "x", endA, "x", endB], "b-a-b"],
    ["is nowhere while two that began earlier are open", ["x", endA, "x", endB, "x"], "-a-b-"],
    [
      "is nowhere behind an END that never came, until all have ended",
      [startA, startB, "x", endB, "x", endA, startB, "x"],
      "ab-b-abb",
    ],
    ["is in the second of two requests with one id", [startA, "x", endA, "x", startA, "x", endA], "aaa-aaa"],
    ["is that of the id the runtime writes", [startA, `RequestId: ${B} Error: x`, "x", endA], "abaa"],
  ])("%s", (_, lines, expected) => expect(places(lines)).toBe(expected));

  it("is unknown where an app logs the id of another request, and not by an id that is no request's", () => {
    const line = `{"request_id":"${B}"}`;
    const escaped = JSON.stringify(line).slice(1, -1);
    const context = readLogContext(escaped, () => line);
    for (const [known, expected] of [
      [[B], ""],
      [[A], A],
      [[], A],
    ] as const) {
      const place = new RequestPlace(new Set(known), [readLogContext(startA, () => startA), context]);
      place.ofLog(readLogContext(startA, () => startA));
      expect(place.ofLog(context)).toBe(expected);
    }
  });

  it("is that of a request id an app logs where no request is open, unless that one ended before or begins later", () => {
    const line = `{"request_id":"${A}"}`;
    const context = readLogContext(JSON.stringify(line).slice(1, -1), () => line);
    expect(new RequestPlace(new Set([A]), [context]).ofLog(context)).toBe(A);
    expect(new RequestPlace(new Set([]), [context]).ofLog(context)).toBe("");
    const start = readLogContext(startA, () => startA);
    const end = readLogContext(endA, () => endA);
    expect(new RequestPlace(new Set([A]), [context, start]).ofLog(context)).toBe("");
    const place = new RequestPlace(new Set([A]), [start, end, context]);
    expect([start, end, context].map((it) => place.ofLog(it))).toEqual([A, A, ""]);
  });
});
