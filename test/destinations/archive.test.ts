import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { archiveDestinations } from "../../src/destinations/archive.ts";
import { archiveItemsIn } from "../../src/destinations/archive-items.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { type Body, bodiesFor } from "../helpers/bodies.ts";
import { A_REQUEST, aDelivery, capturedMessages } from "../helpers/deliveries.ts";
import { anOtlpSpan, anyValue, resourceSpans } from "../helpers/otlp.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { readingOf, telemetryOf } from "../helpers/telemetry.ts";

const NOW_UNIX_MS = 1_795_226_100_000;
const [LOGS, TRACES] = archiveDestinations({ tags: "env:prod", source: "" }, () => NOW_UNIX_MS) as [
  ReturnType<typeof archiveDestinations>[0],
  ReturnType<typeof archiveDestinations>[0],
];

type Line = Record<string, unknown> & { attributes: Record<string, string>; resource: Record<string, string> };

function linesOf(telemetry: ResourceTelemetry[], destination = LOGS): Line[] {
  return bodiesFor(destination, telemetry)
    .flatMap(({ body }) => body.toString().split("\n"))
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

/** Columns by table, as the page defines them. */
function tablesOf(page: string): Record<string, string[]> {
  const tables = [...page.matchAll(/CREATE EXTERNAL TABLE (\w+) \(\n([\s\S]*?)\n\)\nPARTITIONED BY/g)];
  return Object.fromEntries(
    tables.map(([, name, columns]) => [
      name as string,
      (columns as string).split("\n").map((column) => column.trim().split(" ")[0] as string),
    ]),
  );
}

describe("a line of the archive", () => {
  it("has the message as it was written, and what is known of it", () => {
    const message = `{"level":"error","msg":"no \\u00e9","n":1.10}`;
    const [line] = linesOf([telemetryOf([message])]);
    expect(line).toMatchObject({
      event_time: "2026-11-21T04:34:29.000Z".replace(/T.*/, new Date(1_795_226_069_000).toISOString().slice(10)),
      severity_number: 17,
      body: message,
      log_group: "/aws/lambda/thinker-microservice",
      log_stream: "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
      uid: "0".padStart(56, "3"),
      resource: { "cloud.account.id": "123456789012", "deployment.environment.name": "prod" },
    });
    expect(Object.keys(line as Line)[0]).toBe("event_time");
  });

  it("says its time to the nanosecond, as a number that stands there exactly", () => {
    const [{ body }] = bodiesFor(LOGS, [telemetryOf(["one"])]) as [Body];
    expect(body.toString()).toContain('"time_unix_nano":1795226069000000000,');
  });

  it("is the same for the same event, whenever it comes", () => {
    const later = archiveDestinations(
      { tags: "env:prod", source: "" },
      () => NOW_UNIX_MS + 3_600_000,
    )[0] as typeof LOGS;
    const telemetry = [telemetryOf(["one", { message: "two", timestamp: 1 }])];
    expect(bodiesFor(later, telemetry)).toEqual(bodiesFor(LOGS, telemetry));
  });

  it("is one span, with the ids and names that a search needs", async () => {
    const { telemetry } = await readingOf(
      aDelivery(capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl")),
    );
    const lines = linesOf(telemetry, TRACES);
    const spans = telemetry.flatMap(({ tracePayloads }) => tracePayloads.flatMap(({ traces }) => traces));
    expect(lines).toHaveLength(spans.reduce((sum, { spanCount }) => sum + spanCount, 0));
    for (const line of lines) {
      expect(line).toMatchObject({
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        event_time: expect.stringMatching(/^2026-/),
        service_name: expect.any(String),
      });
    }
  });

  it("tells the spans of one payload line from the next, so that they are sent again together", () => {
    const traces = [{ ...anOtlpSpan(), name: "a" }, anOtlpSpan({ spanId: "651c77517ea37a56" })];
    const payload = { index: 0, traces: [], table: null, firstSpan: 0, decode: () => [] };
    const telemetry = {
      ...telemetryOf([aPayload({})]),
      tracePayloads: [
        { ...payload, resourceSpans: [resourceSpans(traces)] },
        { ...payload, resourceSpans: [] },
        { ...payload, resourceSpans: [resourceSpans(traces.slice(0, 1))] },
      ],
    };
    const [{ body, items }] = bodiesFor(TRACES, [telemetry]) as [{ body: Buffer; items: number }];
    const found = archiveItemsIn(body);
    expect(items).toBe(3);
    expect(found.map((item) => Buffer.from(item).toString().split("\n").length)).toEqual([2, 1, 1]);
    expect(Buffer.concat(found.flatMap((item) => [item, Buffer.from("\n")])).equals(body)).toBe(true);
  });

  it("is JSON whatever the attributes are, and its maps hold texts alone", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), anyValue, { maxKeys: 4 }),
        fc.bigInt(0n, 2n ** 64n - 1n),
        (given, time) => {
          const span = anOtlpSpan({ attributes: given, startTimeUnixNano: time, endTimeUnixNano: time });
          const payload = { index: 0, traces: [], table: null, firstSpan: 0, decode: () => [] };
          const tracePayloads = [{ ...payload, resourceSpans: [resourceSpans([span])] }];
          const telemetry = { ...telemetryOf([aPayload({})]), tracePayloads };
          const [line] = linesOf([telemetry], TRACES) as [Line];
          const values = Object.values(line.attributes ?? {});
          expect(values).toHaveLength(Object.keys(given).length);
          expect(values.every((value) => typeof value === "string")).toBe(true);
          expect(line.event_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:/);
        },
      ),
      { numRuns: propertyRuns(100) },
    );
  });

  it("has the columns that the page defines, and no others", async () => {
    const page = readFileSync(path.join(__dirname, "../../docs/archive.md"), "utf8");
    const { logs: logColumns = [], spans: spanColumns = [] } = tablesOf(page);
    const event = { timeUnixNano: 1n, name: "exception", attributes: { a: "b" }, droppedAttributesCount: 0 };
    const link = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceState: "", flags: 0, attributes: { a: "b" } };
    const span = anOtlpSpan({
      ...{ parentSpanId: "1".repeat(16), traceState: "a=b", status: { code: 2, message: "no" } },
      ...{ attributes: { "faas.invocation_id": A_REQUEST } },
      events: [event],
      links: [{ ...link, droppedAttributesCount: 0 }],
    });
    const payload = { index: 0, traces: [], table: null, firstSpan: 0, decode: () => [] };
    const tracePayloads = [{ ...payload, resourceSpans: [resourceSpans([span])] }];
    const [spanLine] = linesOf([{ ...telemetryOf([aPayload({})]), tracePayloads }], TRACES) as [Line];
    expect(Object.keys(spanLine)).toEqual(spanColumns);

    const record = {
      ...{
        timeUnixNano: "1",
        severityNumber: 9,
        severityText: "INFO",
        traceId: "a".repeat(32),
        spanId: "b".repeat(16),
      },
      ...{ eventName: "login", body: { stringValue: "hello" }, attributes: [{ key: "a", value: { intValue: "1" } }] },
    };
    const service = { attributes: [{ key: "service.name", value: { stringValue: "orders" } }] };
    const written = JSON.stringify({ resourceLogs: [{ resource: service, scopeLogs: [{ logRecords: [record] }] }] });
    const { telemetry } = await readingOf(aDelivery([`START RequestId: ${A_REQUEST} Version: $LATEST`, written]));
    const keys = new Set(linesOf(telemetry).flatMap((line) => Object.keys(line)));
    expect([...keys].sort()).toEqual([...logColumns].sort());
  });
});
