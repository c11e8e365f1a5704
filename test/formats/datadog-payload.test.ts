import fc from "fast-check";
import { ByteWriter } from "../../src/destinations/byte-writer.ts";
import { datadogTraces as destination } from "../../src/destinations/datadog-traces.ts";
import type { Slice, TracePayload } from "../../src/telemetry.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { payloadLine } from "../helpers/payload-lines.ts";
import {
  anEvent,
  aPayload,
  aPayloadSpan,
  escapedLine,
  outlinesOf,
  readPayload,
  readPlainly,
} from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_FORWARDER, aConfig } from "../helpers/telemetry.ts";

/** 100,000 is the long form. */
const RUNS = propertyRuns(500);
const TIMEOUT_MS = 10_000 + RUNS * 20;

function isNoted(message: string): boolean {
  return readPayload(anEvent(escapedLine(message)))?.table != null;
}

/** Some are attributes that the lines have, too. */
const TAGS = { DD_TAGS: "team:a,ti:b,a:x,abcd:y,ключ:é,version:9,service:svc" };

function protobufOf(payload: TracePayload, slice: Slice): Buffer {
  const to = new ByteWriter(16);
  const resource = { attributes: {}, source: "", tags: [], functionTags: [] };
  const telemetry = { resource, slice, logs: [], tracePayloads: [payload], metrics: [] };
  destination(aConfig(TAGS), A_FORWARDER).encode(telemetry).write(0, to);
  return to.view();
}

/** Both ways to read a line say the same of it. Returns whether it was noted. */
function expectOneMeaning(escaped: string | Buffer): boolean {
  const line = anEvent(escaped);
  const read = readPayload(line);
  const plain = readPlainly(line);
  expect(read && outlinesOf(read)).toEqual(plain && outlinesOf(plain));
  if (!read?.table || !plain) return false;
  expect(protobufOf(read, line.slice).equals(protobufOf(plain, line.slice))).toBe(true);
  expect(read.decode()).toEqual(plain.decode());
  return true;
}

const captured = [
  "big-many.stdout.log",
  "big-nonascii.stdout.log",
  "loggers-64bit-logging.lambda-events.jsonl",
  "loggers-jsonformat.lambda-events.jsonl",
  "loggers-textformat.lambda-events.jsonl",
  "multi-span-http-error.lambda-events.jsonl",
  "plain-no-wrapper.lambda-events.jsonl",
  "thinker-api.lambda-events.jsonl",
  "thinker-microservice.lambda-events.jsonl",
].flatMap((file) => capturedMessages(`dd-trace-js/${file}`).filter((line) => line.startsWith('{"traces"')));
const [python, go, ruby] = capturedMessages("constructed-from-source/datadog-other-languages.log") as string[];

describe("a trace payload line", () => {
  it("that a real tracer printed is noted by position, unless it has span events or a number that JSON has not", () => {
    const isUsual = (line: string): boolean => !/"span_events":\[\{|"inf":null/.test(line);
    expect(captured.filter(isNoted)).toEqual(captured.filter(isUsual));
    expect(captured.filter(isNoted).length).toBeGreaterThan(10);
    for (const line of captured) expectOneMeaning(escapedLine(line));
  });

  it.each([
    ["Python", python],
    ["Go", go],
    ["Ruby", ruby],
  ])("as %s spells it is noted by position", (_, line) => expect(isNoted(line as string)).toBe(true));

  it(
    "means the same, whichever way it is read",
    () => {
      let noted = 0;
      fc.assert(
        fc.property(payloadLine, (line) => {
          if (expectOneMeaning(escapedLine(line))) noted++;
        }),
        { numRuns: RUNS },
      );
      expect(noted / RUNS).toBeGreaterThan(0.2);
    },
    TIMEOUT_MS,
  );

  it(
    "means the same, whichever way it is read, when its bytes are damaged anywhere",
    () => {
      const lines = fc.oneof(
        payloadLine,
        fc.constantFrom(python, ruby, ...captured.filter((line) => line.length < 8_000)),
      );
      const fragments = [
        "",
        '"',
        "\\",
        '\\"',
        "\\\\",
        "\\n",
        "\\u0000",
        "\\u00e9",
        "\\/",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "0",
        " ",
      ];
      const bytes = fc.oneof(
        fc.constantFrom(...fragments, "null", '\\"a\\":\\"b\\",').map((text) => Buffer.from(text)),
        fc.uint8Array({ minLength: 1, maxLength: 3 }).map((given) => Buffer.from(given)),
      );
      const change = fc.record({ at: fc.nat(), cut: fc.nat(5), to: bytes });
      fc.assert(
        fc.property(lines, fc.array(change, { minLength: 1, maxLength: 2 }), (line, changes) => {
          let escaped = Buffer.from(escapedLine(line as string));
          for (const { at, cut, to } of changes) {
            const place = at % (escaped.length + 1);
            escaped = Buffer.concat([escaped.subarray(0, place), to, escaped.subarray(place + cut)]);
          }
          expectOneMeaning(escaped);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it.each<[string, string]>([
    ["with a key twice", '{"traces":[[{"trace_id":"1","span_id":"2","meta":{"a":"x","b":"y","a":"z"}}]]}'],
    ["with a field twice", '{"traces":[[{"trace_id":"1","span_id":"2","name":"a","name":"b"}]]}'],
    ["with digits as a key", '{"traces":[[{"trace_id":"1","span_id":"2","meta":{"b":"x","7":"y"}}]]}'],
    ["with a number among its texts", '{"traces":[[{"trace_id":"1","span_id":"2","meta":{"a":7}}]]}'],
    ["with a text among its numbers", '{"traces":[[{"trace_id":"1","span_id":"2","metrics":{"a":"x"}}]]}'],
    ["with ids as numbers", '{"traces":[[{"trace_id":1,"span_id":2}]]}'],
    ["with a link", '{"traces":[[{"trace_id":"1","span_id":"2","span_links":[{"trace_id":"1","span_id":"2"}]}]]}'],
    ["with an event", '{"traces":[[{"trace_id":"1","span_id":"2","span_events":[{"name":"e"}]}]]}'],
    ["with other keys at the root", '{"v":1,"traces":[[{"trace_id":"1","span_id":"2"}]]}'],
    ["with indentation", JSON.stringify(JSON.parse(aPayload({})), null, 2)],
  ])("%s is left to JSON.parse", (_, line) => {
    expect(isNoted(line)).toBe(false);
    expect(readPayload(anEvent(escapedLine(line)))?.traces).toHaveLength(1);
  });

  it.each([
    [
      "hundreds of spans",
      () => Array.from({ length: 3_000 }, (_, index) => ({ span_id: (index + 1).toString(16) })),
      {},
    ],
    ["thousands of keys", () => [{}], { meta: aMap(20_000, (index) => `key${index}`) }],
    [
      "keys that differ in the middle only",
      () => [{}],
      { meta: aMap(20_000, (index) => `aaaa${String(index).padStart(9, "0")}bbbb`) },
    ],
    ["deep nesting", () => [{}], { extra: JSON.parse(`${"[".repeat(3_000)}${"]".repeat(3_000)}`) }],
    ["a text of nothing but escapes", () => [{}], { resource: '"\\\n'.repeat(40_000) }],
  ])("of a quarter of a megabyte with %s takes no longer than its bytes", (_, spans, fields) => {
    const line = JSON.stringify({ traces: [spans().map((span) => aPayloadSpan({ ...fields, ...span }))] });
    const began = process.cpuUsage();
    expectOneMeaning(escapedLine(line));
    const { user } = process.cpuUsage(began);
    expect(user / 1000).toBeLessThan(2_000);
  });
});

function aMap(size: number, key: (index: number) => string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: size }, (_, index) => [key(index), "x"]));
}
