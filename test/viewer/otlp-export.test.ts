import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { AnyValue } from "../../src/telemetry.ts";
import { decodeAgentPayload } from "../../src/viewer/agent-payload.ts";
import type { ApiImport, ApiLogs, ApiTrace, ApiTraces } from "../../src/viewer/api-types.ts";
import { viewOfLog, viewOfTrace } from "../../src/viewer/api-views.ts";
import { receivedLog, spansOf } from "../../src/viewer/datadog-items.ts";
import { lineOfLog, linesOfTrace } from "../../src/viewer/otlp-export.ts";
import { readLogs, readSpans } from "../../src/viewer/otlp-reader.ts";
import type { ReceivedLog, ReceivedSpan } from "../../src/viewer/received.ts";
import { Store } from "../../src/viewer/store.ts";
import { encodeOtlp } from "../helpers/otlp-published.ts";
import { anOrigin, aReceivedLog, aReceivedSpan, aTraceId } from "../helpers/received.ts";
import { aServer, get, post, stopAll } from "./a-server.ts";
import { agentPayloadBytes } from "./agent-payload-bytes.ts";

afterEach(stopAll);

const word = fc.string({ maxLength: 12 });
const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
const hex = id.map((number) => number.toString(16).padStart(16, "0"));
const nano = fc.bigInt({ min: 0n, max: 2n ** 62n });
const value: fc.Arbitrary<AnyValue> = fc.letrec<{ value: AnyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.boolean(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 5 }),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(word, tie("value"), { maxKeys: 3 }),
  ),
})).value;
/** Names that stand elsewhere in a span or log are not among its attributes. */
const elsewhere = ["resource.name", "span.type", "service.name", "faas.invocation_id"];
const attributes = fc.dictionary(
  word.filter((key) => !elsewhere.includes(key)),
  value,
  { maxKeys: 4 },
);
const aSpan = fc
  .record({
    spanId: hex,
    parentId: fc.option(hex),
    service: word,
    name: word,
    resource: word,
    type: word,
    kind: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const, 4 as const, 5 as const),
    status: fc.constantFrom("unset" as const, "ok" as const),
    startTimeUnixNano: nano,
    durationNano: nano,
    attributes,
    events: fc.array(fc.record({ timeUnixNano: nano, name: word, attributes }), { maxLength: 2 }),
    links: fc.array(fc.record({ traceId: hex.map((low) => `${"0".repeat(16)}${low}`), spanId: hex, attributes }), {
      maxLength: 2,
    }),
  })
  .map((span) =>
    aReceivedSpan({ ...span, origin: anOrigin({ "service.name": "a-service", "aws.log.group.names": ["/a"] }) }),
  );
const aLog = fc
  .record({
    spanId: fc.option(hex),
    service: word,
    body: word.map((text) => text.replace(/[\r\n]+$/, "")),
    timeUnixNano: nano.map((time) => time + 1n),
    severity: fc.constantFrom(
      "trace" as const,
      "debug" as const,
      "info" as const,
      "warn" as const,
      "error" as const,
      "fatal" as const,
    ),
    requestId: fc.constantFrom("", "276ff3b9-1609-4ee7-a288-db3752630767"),
    attributes,
  })
  .map((log) => aReceivedLog({ ...log, traceId: aTraceId, origin: anOrigin({ ddsource: "lambda" }) }));

/** What the lines of an export become again. */
function reread(lines: Iterable<string>): Store {
  const store = new Store();
  for (const line of lines) {
    const json: unknown = JSON.parse(line);
    store.addSpans(readSpans(json).items);
    store.addLogs(readLogs(json, 0).items);
  }
  return store;
}

function storeOf(spans: ReceivedSpan[], logs: ReceivedLog[]): Store {
  const store = new Store();
  store.addSpans(spans);
  store.addLogs(logs);
  return store;
}

function shown(store: Store): unknown {
  const trace = store.trace(aTraceId);
  const view = trace && viewOfTrace(trace);
  const alone = [...store.logsNewestFirst()].filter((held) => !held.trace).map(({ log }) => viewOfLog(log, 0));
  return { ...view, logs: view?.logs.map((log) => ({ ...log, sequence: 0 })), alone };
}

describe("an export", () => {
  it("is read again as the same trace with the same logs", () => {
    fc.assert(
      fc.property(fc.array(aSpan, { maxLength: 5 }), fc.array(aLog, { maxLength: 5 }), (spans, logs) => {
        const store = storeOf(spans, logs);
        const trace = store.trace(aTraceId);
        expect(shown(reread(trace ? linesOfTrace(trace) : []))).toEqual(shown(store));
      }),
    );
  });

  it("is read again as the same when it came from Datadog's tracers", () => {
    const span = { service: "api", name: "think", resource: "foo", traceID: "4704827353930348581", type: "sql" };
    const meta = { "_dd.p.tid": "6b00f9d500000000", "error.message": "bad", "error.stack": "at x" };
    const spans = spansOf(
      decodeAgentPayload(
        agentPayloadBytes({
          spans: [
            {
              ...span,
              spanID: "1",
              error: 1,
              meta,
              metrics: { count: 7, share: 0.5 },
              start: "1795226069831013123",
              duration: "5",
            },
            { ...span, spanID: "2", parentID: "1", error: 1, resource: "", meta: { "span.kind": "server" } },
          ],
        }),
      ),
    );
    const dd = { trace_id: aTraceId, span_id: "1", service: "api" };
    const aws = { awslogs: { logGroup: "/aws/lambda/x", logStream: "s", owner: "123456789012" } };
    const message = '{"level":"warn","msg":"a"}\n\n';
    const logs = [
      receivedLog(
        { id: "7", timestamp: 1_795_226_069_831, message, dd, aws, ddsource: "lambda", ddtags: "a:b,c", service: "x" },
        0,
      ),
      receivedLog({ message: "alone", extra: { a: [1, true, null] } }, 5),
    ];
    const store = storeOf(spans, logs);
    const lines = [...[...store.tracesNewestFirst()].flatMap((trace) => [...linesOfTrace(trace)])];
    for (const held of store.logsNewestFirst()) if (!held.trace) lines.push(lineOfLog(held));
    expect(shown(reread(lines))).toEqual(shown(store));
  });

  it("is OTLP/JSON by the published definitions", () => {
    const store = storeOf(
      [aReceivedSpan({ attributes: { a: 1n, b: [true, null], c: new Uint8Array([1]) } })],
      [aReceivedLog()],
    );
    const lines = [...store.tracesNewestFirst()].flatMap((trace) => [...linesOfTrace(trace)]);
    const { resourceSpans } = JSON.parse(lines[0] as string);
    // protobufjs throws at what a message cannot have; ids it reads as base64.
    const again = readSpans(JSON.parse(lines[0] as string)).items;
    expect(encodeOtlp("traces", { resourceSpans }).length).toBeGreaterThan(50);
    expect(again).toEqual([...store.tracesNewestFirst()][0]?.spans);
  });
});

describe("what was exported by one server", () => {
  it("is imported by another, plain or gzip: a trace, a search, or everything", async () => {
    const from = await aServer();
    const other = { traceId: `${"0".repeat(31)}5`, spanId: "0000000000000005" };
    from.store.addSpans([aReceivedSpan(), aReceivedSpan({ ...other, service: "other" })]);
    from.store.addLogs([aReceivedLog({ traceId: aTraceId, body: "of the trace" }), aReceivedLog({ body: "alone" })]);
    for (const [parameters, spans, logs] of [
      [`?trace=${aTraceId}`, 1, 1],
      ["?query=service:other", 1, 0],
      ["?query=alone", 0, 1],
      ["", 2, 2],
    ] as const) {
      const exported = await fetch(`${from.url}/api/export${parameters}`);
      expect(exported.headers.get("content-type")).toBe("application/x-ndjson");
      const text = await exported.text();
      const to = await aServer();
      expect(await (await post(to, "/api/import", text)).json()).toEqual({ spans, logs, rejected: 0, problems: [] });
      const again = await post(to, "/api/import", gzipSync(text), { "content-encoding": "gzip" });
      expect(((await again.json()) as ApiImport).spans).toBe(spans);
      // Spans that are there already are kept once.
      expect(to.store.held().spans).toBe(spans);
    }
    const everything = await (await fetch(`${from.url}/api/export`)).text();
    const to = await aServer();
    await post(to, "/api/import", everything);
    for (const path of [`/api/traces/${aTraceId}`, "/api/traces"]) {
      const [a, b] = await Promise.all([from, to].map((server) => get<ApiTrace | ApiTraces>(server, path)));
      expect(JSON.stringify(b).replace(/"sequence":\d+/g, "")).toBe(JSON.stringify(a).replace(/"sequence":\d+/g, ""));
    }
    const { logs } = await get<ApiLogs>(to, "/api/logs");
    expect(logs.map(({ message }) => message).sort()).toEqual(["alone", "of the trace"]);
  });

  it("costs what is good nothing for what is bad beside it, and is refused where all of it is", async () => {
    const intake = await aServer({ maxOtlpBytes: 2_000 });
    const good = [...storeOf([aReceivedSpan()], []).tracesNewestFirst()].flatMap((trace) => [...linesOfTrace(trace)]);
    const lines = ["{", "[]", '{"other":1}', `"${"x".repeat(3_000)}"`, ...good, '{"resourceSpans":{}}', "", "null"];
    const answer = await post(intake, "/api/import", lines.join("\n"));
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        spans: 1,
        logs: 0,
        rejected: 6,
        problems: [
          "line 1: not JSON",
          "line 2: neither resourceSpans nor resourceLogs",
          "line 3: neither resourceSpans nor resourceLogs",
          "line 4: over 2000 bytes",
          "line 7: resourceSpans is not a list",
          "line 9: neither resourceSpans nor resourceLogs",
        ],
      },
    ]);
    expect((await post(intake, "/api/import", "{")).status).toBe(400);
    expect((await post(intake, "/api/import", "{}", { "content-encoding": "gzip" })).status).toBe(400);
    expect((await post(intake, "/api/import", "{}", { "content-encoding": "br" })).status).toBe(400);
    expect((await post(intake, "/api/import", "")).status).toBe(200);
  });
});
