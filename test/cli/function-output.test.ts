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

  it("has JSON of --format json on one line again, with numbers and texts as they were written", () => {
    const lines = [
      `2026-11-21T12:00:00.123000+00:00 ${STREAM} `,
      "{",
      '    "traces": [',
      "        [",
      "            {",
      '                "trace_id": 12345678901234567890,',
      '                "name": "a \\" : { }  b",',
      '                "ratio": 1.10',
      "            }",
      "        ]",
      "    ]",
      "}",
      `2026-11-21T12:00:00+00:00 ${STREAM} not { json`,
      `2026-11-21T12:00:01+00:00 ${STREAM} `,
      "{ not json",
    ];
    expect(eventsOf(lines.join("\r\n")).map(({ message }) => message)).toEqual([
      '{"traces":[[{"trace_id":12345678901234567890,"name":"a \\" : { }  b","ratio":1.10}]]}\n',
      "not { json\n",
      "\r\n{ not json\n",
    ]);
  });

  it("has the times of --format short, with the milliseconds that a message says", () => {
    const lines = [
      "2026-11-21T12:00:00 START RequestId: 1 Version: $LATEST",
      "2026-11-21T12:00:00 2026-11-21T12:00:00.250Z\tid\tINFO\tfirst",
      "  goes on",
      "2026-11-21T12:00:01 a line of the program",
      '2026-11-21T12:00:02 {"traces":[]}',
    ];
    expect(eventsOf(lines.join("\n"), 11)).toEqual([
      { logStream: "", timestamp: at("12:00:00.000"), message: "START RequestId: 1 Version: $LATEST\n" },
      {
        logStream: "",
        timestamp: at("12:00:00.250"),
        message: "2026-11-21T12:00:00.250Z\tid\tINFO\tfirst\n  goes on\n",
      },
      { logStream: "", timestamp: at("12:00:01.000"), message: "a line of the program\n" },
      { logStream: "", timestamp: at("12:00:02.000"), message: '{"traces":[]}\n' },
    ]);
  });

  it("takes lines of a program that begin with such a time as they are", () => {
    const lines = [
      "2026-11-21T12:00:00 INFO starting",
      '2026-11-21T12:00:01 {"level":"info"}',
      "2026-99-99T12:00:00 x",
    ];
    expect(eventsOf(lines.join("\n")).map(({ message }) => message)).toEqual(lines.map((line) => `${line}\n`));
  });

  it("reads log streams of containers too", () => {
    const stream = "ecs/shop/0123456789abcdef0123456789abcdef";
    expect(eventsOf(`2026-11-21T12:00:00+00:00 ${stream} hello`)).toEqual([
      { logStream: stream, timestamp: at("12:00:00.000"), message: "hello\n" },
    ]);
  });

  it("loses no line, however the three formats and plain lines are mixed", () => {
    const line = fc.constantFrom(
      ...[`2026-11-21T12:00:00.5Z\tid\tINFO\tx`, "plain", "  {", "}", '{"a": 1}', "2026-11-21T12:00:00 INFO own time"],
      ...["2026-11-21T12:00:00 END RequestId: 1", `2026-11-21T12:00:00+00:00 ${STREAM} y`],
      `2026-11-21T12:00:00+00:00 ${STREAM} `,
    );
    const bare = (text: string): string =>
      text.replaceAll(/2026-11-21T12:00:00(?:\+00:00)? |2026\/11\/21\/\[\$LATEST\][0-9a-f]{32} ?|\s/g, "");
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 40 }), (lines, chunkSize) => {
        const text = eventsOf(lines.join("\n"), chunkSize).map(({ message }) => message);
        expect(bare(text.join("\n"))).toBe(bare(lines.join("\n")));
      }),
    );
  });

  it("cuts a message that never ends, and holds no more than one event of it", () => {
    const line = "x".repeat(300_000);
    const events = eventsOf([`2026-11-21T12:00:00+00:00 ${STREAM} begin`, ...Array(10).fill(line)].join("\n"));
    expect(events.map(({ message }) => message.length)).toEqual([900_009, 900_003, 900_003, 300_001]);
    expect(new Set(events.map(({ logStream, timestamp }) => `${logStream} ${timestamp}`)).size).toBe(1);
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
