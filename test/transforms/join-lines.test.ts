import fc from "fast-check";
import { messageOf } from "../../src/formats/message.ts";
import { joinLines } from "../../src/transforms/join-lines.ts";
import { A_REQUEST, type EnvelopeGiven } from "../helpers/deliveries.ts";
import { aPayload } from "../helpers/payloads.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const OTHER_REQUEST = "24ff4e83-8583-4905-92dc-a089e4ee6e6f";
const join = joinLines((message) => /^\d{4}-/.test(message));

function joined(messages: string[], given?: EnvelopeGiven) {
  const dropped: Record<string, number> = {};
  const { logs, slice } = join(telemetryOf(messages, given), dropped);
  return { messages: logs.map((record) => messageOf(record, slice)), dropped };
}

describe("lines of one event", () => {
  it("become one, and the others are counted", () => {
    expect(joined(["2026-1 Error\n", "  at a\n", "  at b\n", "2026-2 next\n"])).toEqual({
      messages: ["2026-1 Error\n  at a\n  at b\n", "2026-2 next\n"],
      dropped: { joinedLine: 2 },
    });
  });

  it("that came as JSON over several lines become JSON", () => {
    const json = JSON.stringify({ a: [1, { b: "c" }] }, null, 2);
    const [message] = joined([`2026-1 ${json.split("\n")[0]}`, ...json.split("\n").slice(1)]).messages;
    expect(JSON.parse(message?.slice("2026-1 ".length) ?? "")).toEqual({ a: [1, { b: "c" }] });
  });

  it("stay by themselves where nothing before them begins an event", () => {
    const lines = ["a", "b", "2026-1"];
    expect(joined(lines)).toEqual({ messages: lines, dropped: {} });
  });

  it.each([
    ["a line of the platform", `END RequestId: ${A_REQUEST}\n`],
    ["a trace", aPayload({})],
    ["a metric", JSON.stringify({ m: "coffee", v: 1, e: 1_795_226_069, t: [] })],
  ])("are not joined over %s", (_, between) => {
    expect(joined(["2026-1 a", between, "  b"]).dropped).toEqual({});
  });

  it("are not joined with those of another request", () => {
    const lines = [
      `START RequestId: ${A_REQUEST} Version: $LATEST\n`,
      "2026-1 a",
      `2026-11-21T01:54:29.000Z\t${OTHER_REQUEST}\tINFO\tb`,
      `not of it\t${A_REQUEST}`,
    ];
    expect(joined(lines).messages).toContain("2026-1 a");
  });

  it("do not grow without end", () => {
    const { messages } = joined(["2026-1", ...Array<string>(40).fill("x".repeat(10_000))]);
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(300_000);
  });

  it("are all there, in order", () => {
    const line = fc.oneof(fc.constantFrom("2026-1", "2026-2 x", "  at", "{", '"quoted"'), fc.string());
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const { messages, dropped } = joined(lines);
        expect(messages.length + (dropped.joinedLine ?? 0)).toBe(lines.length);
        expect(messages.join("\n")).toBe(lines.join("\n"));
      }),
    );
  });
});
