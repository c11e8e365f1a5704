import fc from "fast-check";
import { messageOf } from "../../src/formats/message.ts";
import { createSpanTable } from "../../src/formats/span-table.ts";
import type { LogEventBatch, ResourceTelemetry } from "../../src/telemetry.ts";
import { split } from "../../src/transforms/split.ts";
import { anEnvelope } from "../helpers/deliveries.ts";
import { decoded, decodedEvents } from "../helpers/events.ts";
import { aPayload } from "../helpers/payloads.ts";
import { batchesIn } from "../helpers/telemetry.ts";

const RESOURCE = { attributes: {}, source: "lambda", tags: [], functionTags: [] };

function batchOf(messages: string[]): LogEventBatch {
  return batchesIn(Buffer.from(anEnvelope(messages)))[0] as LogEventBatch;
}

function splitOf(messages: string[]): ResourceTelemetry {
  return split(batchOf(messages), RESOURCE, createSpanTable());
}

function bodies({ logs, slice }: ResourceTelemetry): string[] {
  return logs.map((log) => messageOf(log, slice));
}

const PAYLOADS = [
  aPayload({}),
  `${aPayload({}, { span_id: "2" })}\n`,
  '{"traces": [[{"trace_id": "1", "span_id": "2"}], [{"trace_id": "3", "span_id": "4"}]]}',
  '{"traces": [[{"trace_id": "1", "span_id": "2", "metrics": {"a": NaN}}]]}',
];
const LOGS = [
  "",
  "hello",
  '{"traces":[]}',
  aPayload({}).slice(0, -1),
  `x${aPayload({})}`,
  aPayload({ trace_id: null }),
  "{",
  "é\ud800",
];

describe("split", () => {
  it("loses and reorders nothing, whatever the mix of lines", () => {
    const line = fc.oneof(fc.constantFrom(...PAYLOADS), fc.constantFrom(...LOGS), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (messages) => {
        const batch = batchOf(messages);
        const { logs, tracePayloads, slice } = split(batch, RESOURCE, createSpanTable());
        const positions = [...logs, ...tracePayloads].map(({ index }) => index);
        expect(positions.toSorted((a, b) => a - b)).toEqual(messages.map((_, index) => index));
        expect(logs.map(({ index }) => index)).toEqual(logs.map(({ index }) => index).toSorted((a, b) => a - b));
        expect(logs.map((log) => decoded(log, slice))).toEqual(logs.map(({ index }) => decodedEvents([batch])[index]));
        expect(tracePayloads.every(({ index }) => PAYLOADS.includes(messages[index] as string))).toBe(true);
        expect(tracePayloads).toHaveLength(messages.filter((message) => PAYLOADS.includes(message)).length);
      }),
    );
  });

  it.each(LOGS.map((line) => [line]))("keeps %j as a log, and the payloads beside it", (line) => {
    const telemetry = splitOf([aPayload({}), line, aPayload({})]);
    expect(bodies(telemetry)).toEqual([line]);
    expect(telemetry.tracePayloads.map(({ index }) => index)).toEqual([0, 2]);
  });

  it("leaves the body of a log to its bytes", () => {
    const telemetry = splitOf(['{"price":1.10}']);
    expect(telemetry.logs[0]).toMatchObject({ body: null, context: null, invocation: null });
    expect(bodies(telemetry)).toEqual(['{"price":1.10}']);
  });

  it("keeps the traces of one line together", () => {
    expect(splitOf([PAYLOADS[2] as string]).tracePayloads[0]?.traces.map(({ traceId }) => traceId.slice(-1))).toEqual([
      "1",
      "3",
    ]);
  });

  it("gives each log record of a line its line's place, and counts those beyond the first", () => {
    const record = (text: string): string => `{"timeUnixNano":"1","body":{"stringValue":"${text}"}}`;
    const line = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record("a")},${record("b")},${record("c")}]}]}]}`;
    const telemetry = splitOf(["before", line, aPayload({}), "after"]);
    expect(bodies(telemetry)).toEqual(["before", "a", "b", "c", "after"]);
    expect(telemetry.logs.map(({ index }) => index)).toEqual([0, 1, 1, 1, 3]);
    expect(telemetry.logs.map((log) => decoded(log, telemetry.slice).message).slice(1, 4)).toEqual([line, line, line]);
    expect([telemetry.unpacked, telemetry.dropped]).toEqual([2, {}]);
  });

  it("counts what goes no further by its reason", () => {
    const unfinished =
      '{"trace_id":"1-6b00f9d6-00000000414ae78d188f3826","id":"6f5d33388552b5f5","name":"n","start_time":1,"in_progress":true}';
    const { logs, dropped, unpacked } = splitOf([unfinished, "a log", unfinished]);
    expect([logs.map(({ index }) => index), dropped, unpacked]).toEqual([[1], { unfinishedSpan: 2 }, 0]);
  });

  it("reads slice after slice into one table", () => {
    const table = createSpanTable();
    const slices = [
      [aPayload({}), aPayload({ span_id: "a" }, { span_id: "b" })],
      ["a log"],
      [aPayload({ span_id: "c" })],
    ];
    const found = slices.map((messages) => {
      const { tracePayloads } = split(batchOf(messages), RESOURCE, table);
      return tracePayloads.map(({ traces }) => traces.map((trace) => [...trace.spanIds()].join()));
    });
    expect(found).toEqual([[["651c77517ea37a55"], ["000000000000000a,000000000000000b"]], [], [["000000000000000c"]]]);
  });

  it("reads two deliveries at once, each into its own table", () => {
    const [one, other] = [splitOf([aPayload({ span_id: "1" })]), splitOf([aPayload({ span_id: "2" })])];
    expect([one, other].map(({ tracePayloads }) => [...(tracePayloads[0]?.traces[0]?.spanIds() ?? [])])).toEqual([
      ["0000000000000001"],
      ["0000000000000002"],
    ]);
  });
});
