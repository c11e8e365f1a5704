import { RequestPlace } from "../../src/transforms/request-place.ts";
import type { EnvelopeGiven } from "../helpers/deliveries.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const [A, B] = ["aaaaaaaa-1111-4111-8111-111111111111", "bbbbbbbb-2222-4222-8222-222222222222"];
const [startA, endA, reportA] = [`START RequestId: ${A}`, `END RequestId: ${A}`, `REPORT RequestId: ${A}`];
const [startB, endB, reportB] = [`START RequestId: ${B}`, `END RequestId: ${B}`, `REPORT RequestId: ${B}`];
const json = (type: string, metrics?: object): string =>
  JSON.stringify({ time: "…", type: `platform.${type}`, record: { requestId: A, metrics } });
const PUBLISHED = { logStream: "2026/11/21/[7]0123456789abcdef0123456789abcdef" };

/** For each line the request it is in: `a`, `b`, or `-`. */
function places(lines: string[], given: EnvelopeGiven = {}, atOnce: 0 | 1 | 2 = 0, known: string[] = []): string {
  const telemetry = telemetryOf(lines, given);
  const place = new RequestPlace(
    (id) => known.includes(id),
    telemetry.resource.attributes["faas.instance"],
    telemetry.logs,
    atOnce,
  );
  return telemetry.logs.map(({ context }) => place.ofLog(context)[0] ?? "-").join("");
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

  const app = JSON.stringify({ request_id: B });

  it.each<[string, string[], string[], string]>([
    ["is unknown where an app logs the id of another request", [startA, app], [B], "a-"],
    ["is not told by an id that is no request's", [startA, app, endA], [A], "aaa"],
    ["is that of the id that an app logs, where that is its request's", [startB, app, endB], [B], "bbb"],
    ["is not told by an id that an app logs, where no request is open", [startA, endA, app], [B], "aa-"],
    ["is not told by an id that an app logs before its request begins", [app, startB], [B], "-b"],
    ["is not told by an id that an app logs behind its request's end", [startB, endB, app], [B], "bb-"],
  ])("%s", (_, lines, known, expected) => expect(places(lines, {}, 0, known)).toBe(expected));
});

describe("the place of a line of an environment that may take several requests", () => {
  const report = json("report", { durationMs: 5 });
  const billed = json("report", { durationMs: 5, billedDurationMs: 6 });

  it.each<[string, string[], EnvelopeGiven, 0 | 1 | 2, string]>([
    ["is unknown between START and the end of what comes", [json("start"), "x"], PUBLISHED, 0, "a-"],
    ["is unknown where nothing is billed to its request", [json("start"), "x", report], PUBLISHED, 0, "a-a"],
    ["is in its request where that is billed", ["x", json("start"), "x", billed, "x"], PUBLISHED, 0, "-aaa-"],
    ["is in its request where the platform writes text", [startA, "x"], PUBLISHED, 0, "aa"],
    ["is in its request where the function's version is not published", [json("start"), "x"], {}, 0, "aa"],
    ["is in its request where an earlier slice told so", [json("start"), "x"], PUBLISHED, 1, "aa"],
    ["is unknown where an earlier slice told so", [startA, "x"], {}, 2, "a-"],
    ["is unknown where the platform's lines contradict each other", [startA, "x", report], PUBLISHED, 0, "a-a"],
    ["is unknown where no function wrote the stream", [startA, "x"], { logGroup: "app", logStream: "i" }, 0, "a-"],
  ])("%s", (_, lines, given, known, expected) => expect(places(lines, given, known)).toBe(expected));
});
