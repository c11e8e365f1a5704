import fc from "fast-check";
import { wholeRequests } from "../../src/transforms/request-boundary.ts";
import { aSlice } from "../helpers/slices.ts";

const [A, B] = ["aaaaaaaa-1111-4111-8111-111111111111", "bbbbbbbb-2222-4222-8222-222222222222"];
const start = (id: string): string => `START RequestId: ${id} Version: $LATEST\n`;
const startJson = (id: string): string =>
  `{"time":"2026-11-21T01:53:45.858Z","type":"platform.start","record":{"requestId":"${id}"}}`;
const line = (id: string): string => `2026-11-21T01:53:45.858Z\t${id}\tINFO\thello\n`;
const end = (id: string): string => `END RequestId: ${id}\n`;

function cutOf(messages: string[]): number {
  const { slice, logEvents } = aSlice(messages);
  return wholeRequests(slice, logEvents);
}

describe("a log stream is cut", () => {
  it.each<[string, string[], number]>([
    ["before the last START", [start(A), line(A), end(A), start(B), line(B)], 3],
    ["before the last START, wherever it ended", [start(A), end(A), start(B), end(B), "x"], 2],
    ["before the last START in JSON", ["x", startJson(A), "x"], 1],
    ["nowhere where only the first line is a START", [start(A), line(A), "x"], 0],
    ["behind all where nothing tells a request", ["x", "y", '{"type":"platform.start"}'], 3],
    ["before the last request where START is left out", [line(A), "x", line(B), "y", line(B), "z"], 2],
    ["nowhere where START is left out and one request is told", ["x", line(A), "y"], 0],
    ["behind none of no lines", [], 0],
  ])("%s", (_, messages, expected) => expect(cutOf(messages)).toBe(expected));

  it("never behind a line of a request whose other lines follow, where each line tells its request", () => {
    const requests = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(requests, fc.boolean(), (counts, hasStart) => {
        const id = (request: number): string => `aaaaaaaa-0000-4000-8000-${String(request).padStart(12, "0")}`;
        const lines = counts.flatMap((count, request) => [
          ...(hasStart ? [start(id(request))] : []),
          ...Array.from({ length: count }, () => line(id(request))),
        ]);
        const requestOf = (message = ""): string | undefined => /aaaaaaaa-[0-9-]+/.exec(message)?.[0];
        const at = cutOf(lines);
        if (at > 0) expect(requestOf(lines[at - 1])).not.toBe(requestOf(lines[at]));
        if (counts.length > 1) expect(at).toBeGreaterThan(0);
      }),
    );
  });
});
