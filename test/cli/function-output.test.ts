import fc from "fast-check";
import { functionOutput, type OutputEvent } from "../../src/cli/function-output.ts";

const NOW = Date.parse("2026-11-21T13:00:00.000Z");
const STREAM = "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef";

function eventsOf(text: string, chunkSize = 1_000_000): OutputEvent[] {
  const events: OutputEvent[] = [];
  const output = functionOutput(
    (event) => events.push(event),
    () => NOW,
  );
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkSize) output.push(bytes.subarray(at, at + chunkSize));
  output.end();
  return events;
}

const at = (time: string): number => Date.parse(`2026-11-21T${time}Z`);

describe("what a function prints", () => {
  it("is a log event a line, none lost, and times do not go back", () => {
    const line = fc.constantFrom(
      "START RequestId: 1",
      "2026-11-21T12:00:00.5Z\tid\tINFO\tx",
      '{"time":1763726400000}',
      "y",
    );
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 40 }), (lines, chunkSize) => {
        const events = eventsOf(lines.join("\n"), chunkSize);
        expect(events.map(({ message }) => message)).toEqual(lines.map((text) => `${text}\n`));
        const times = events.map(({ timestamp }) => timestamp);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });

  it("has the times that lines say, in text and in JSON, and their neighbours'", () => {
    const lines = [
      "START RequestId: 1 Version: $LATEST",
      "2026-11-21T12:00:00.250Z\tid\tINFO\tnode",
      "[ERROR]\t2026-11-21T12:00:01.500Z\tid\tpython",
      "Traceback",
      '{"timestamp":"2026-11-21T12:00:02.000Z","message":"json"}',
      `{"level":30,"time":${at("12:00:03.000")},"msg":"pino"}`,
    ];
    expect(eventsOf(lines.join("\r\n")).map(({ timestamp }) => timestamp)).toEqual([
      ...[at("12:00:00.250"), at("12:00:00.250"), at("12:00:01.500"), at("12:00:01.500")],
      ...[at("12:00:02.000"), at("12:00:03.000")],
    ]);
  });

  it("happens now where no line says a time, or one that is to come", () => {
    expect(eventsOf("a\n\n2036-11-21T12:00:00Z b\nc")).toEqual([
      { logStream: "", timestamp: NOW, message: "a\n" },
      { logStream: "", timestamp: NOW, message: "2036-11-21T12:00:00Z b\n" },
      { logStream: "", timestamp: NOW, message: "c\n" },
    ]);
  });
});

describe("what aws logs tail prints", () => {
  it("has its own times and log streams, and messages that go on", () => {
    const lines = [
      `2026-11-21T12:00:00.123000+00:00 ${STREAM} first`,
      "  goes on",
      `2026-11-21T12:00:01+00:00 ${STREAM} second`,
      "",
      "after a gap",
    ];
    expect(eventsOf(lines.join("\n"), 7)).toEqual([
      { logStream: STREAM, timestamp: at("12:00:00.123"), message: "first\n  goes on\n" },
      { logStream: STREAM, timestamp: at("12:00:01"), message: "second\n\nafter a gap\n" },
    ]);
  });

  it("is not what only looks like it", () => {
    const line = "2026-11-21T12:00:00.123000+00:00 INFO a log line of a program";
    expect(eventsOf(line)).toEqual([{ logStream: "", timestamp: NOW, message: `${line}\n` }]);
  });

  it("gives the last message when asked, and not twice", () => {
    const events: OutputEvent[] = [];
    const output = functionOutput((event) => events.push(event));
    output.push(Buffer.from(`2026-11-21T12:00:00+00:00 ${STREAM} only\n`));
    expect(events).toEqual([]);
    output.flush();
    output.end();
    expect(events).toMatchObject([{ message: "only\n" }]);
  });
});
