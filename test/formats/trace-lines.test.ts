import fc from "fast-check";
import { traceFormats } from "../../src/formats/index.ts";
import { mayBeOf, TraceLines } from "../../src/formats/trace-lines.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { aPayload } from "../helpers/payloads.ts";
import { aSlice } from "../helpers/slices.ts";

const [awsSpan] = capturedMessages("constructed-from-source/aws-spans-log-group.jsonl").slice(1);
const [xray] = capturedMessages("constructed-from-source/xray-segments.jsonl");
const [zipkin] = capturedMessages("constructed-from-source/zipkin-v2.jsonl");
const [otlpStdout] = capturedMessages("otel-stdout/simple-processor.lambda-events.jsonl").slice(1);
const otlpJson = capturedMessages("otel-json/otlp-json.lambda-events.jsonl").find((line) =>
  line.includes("resourceSp"),
);

const LINES: [string, string][] = [
  ["datadog", aPayload({})],
  ["otlp-stdout", otlpStdout as string],
  ["otlp-json", otlpJson as string],
  ["aws-spans", awsSpan as string],
  ["xray", xray as string],
  ["zipkin", zipkin as string],
];
/** Logs that have something of some format. */
const LOGS = [
  "",
  "hello",
  "{",
  '{"msg":"hello","list":[1]}',
  '{"msg":"startTimeUnixNano"}',
  '{"traceId":"385f2c56be61b8292377d14a216aa378","id":"1","timestamp":1795226069831}',
  '{"start_time":"2026-11-21T01:53:45.858Z","method":"GET"}',
  '[INFO]\t"traces" of __otel_otlp_stdout, \\"start_time\\" \\"1-',
  '{"resource":"/orders","timeUnixNano":"1"}',
];

/** Lines that begin as Datadog's do, and are of others too or of none. */
const BEGUN: string[] = [
  '{"traces":[[{"trace_id":"1","start_time":1,"id":"1-5"}]]}',
  '{"traces":1,"localEndpoint":{}}',
  '{"traces":"__otel_otlp_stdout"}',
  '{"traces":{"resourceSpans":[{"timeUnixNano":"1"}]',
];

/** The names of the formats that each line may be of. */
function namesIn(messages: string[]): string[][] {
  const { slice, logEvents } = aSlice(messages);
  const lines = new TraceLines(slice.text, logEvents);
  return logEvents.map(({ message, messageEnd }, index) => {
    if (!lines.mayBe(index)) return [];
    const line = slice.text.slice(message, messageEnd);
    return traceFormats.filter((format) => mayBeOf(format, line)).map(({ name }) => name);
  });
}

describe("the look for trace lines", () => {
  it.each(LINES)("finds a line of %s, with white space around it or not", (name, line) => {
    for (const written of [line, ` \n${line}\r\n`]) {
      expect(namesIn(["a log", written, '{"another":"log"}'])).toEqual([[], expect.arrayContaining([name]), []]);
    }
  });

  it("knows all formats by name", () => {
    expect(LINES.map(([name]) => name)).toEqual(traceFormats.map(({ name }) => name));
  });

  it("says no to ordinary logs", () => {
    const none = LOGS.filter((line) => !line.includes("UnixNano"));
    expect(namesIn(none)).toEqual(none.map(() => []));
  });

  it("asks all formats of a line that begins as Datadog's do and has something of theirs", () => {
    expect(namesIn(BEGUN)).toEqual([
      ["datadog", "xray"],
      ["zipkin"],
      ["otlp-stdout"],
      ["datadog", "otlp-json", "aws-spans"],
    ]);
  });

  it("says of a line the same, whatever stands around it", () => {
    const line = fc.oneof(
      fc.constantFrom(...LINES.map(([, line]) => line)),
      fc.constantFrom(...LOGS, ...BEGUN),
      fc.string({ unit: "binary" }),
      fc.tuple(fc.constantFrom(...LINES), fc.nat(3_000)).map(([[, line], at]) => line.slice(0, at)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (messages) => {
        expect(namesIn(messages)).toEqual(messages.map((message) => namesIn([message])[0]));
      }),
    );
  });
});
