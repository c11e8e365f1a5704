import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { unzipSync } from "fflate";
import { decodeAgentPayload } from "../src/viewer/agent-payload.ts";
import { BUILT, DIST, datadogAt, invokeBuilt } from "./helpers/built-forwarder.ts";
import { aDelivery } from "./helpers/deliveries.ts";
import { anIntake, type TestIntake } from "./helpers/intake.ts";
import { sampleEvent } from "./helpers/items.ts";
import { decodeOtlp } from "./helpers/otlp-published.ts";
import { A_START, aRequest } from "./helpers/platform-lines.ts";

describe("the built function", () => {
  it("imports Node's own modules alone, and is small", () => {
    const entry = readFileSync(BUILT, "utf8");
    const eager = entry.matchAll(/(?:^|[;}])\s*import\s*(?:[^"'()]*from\s*)?["']([^"']+)["']/g);
    const modules = [...eager].map((match) => match[1] as string);
    expect(modules.length).toBeGreaterThan(0);
    expect(modules.filter((name) => !name.startsWith("node:"))).toEqual([]);
    expect(statSync(BUILT).size).toBeLessThan(60_000);
  });

  it("delivers a log without any of the files that hold AWS SDK clients", async () => {
    expect(readdirSync(path.join(DIST, "chunks")).length).toBeGreaterThan(2);
    const alone = mkdtempSync(path.join(tmpdir(), "forwarder-"));
    copyFileSync(BUILT, path.join(alone, "forwarder.mjs"));
    const intake = await anIntake();
    const [ledger] = await invoke(path.join(alone, "forwarder.mjs"), aDelivery(["hello"]), intake);
    expect(ledger).toMatchObject({ events: 1, unaccounted: 0 });
    expect(intake.logs().map(({ message }) => message)).toEqual(["hello"]);
    await intake.stop();
    rmSync(alone, { recursive: true });
  });

  it("reads and sends a trace line of a rare shape with what it loads for it", async () => {
    const intake = await anIntake();
    // Keys in another order than any tracer writes them, with white space between.
    const rare =
      '{ "traces" : [[{"name":"rare","parent_id":"0","span_id":"1", "trace_id":"2","start":1,"duration":1}]]}';
    const [ledger] = await invoke(BUILT, aDelivery(["first", rare]), intake);
    expect(ledger).toMatchObject({ logs: 1, traceLines: 1, spans: 1 });
    const [body] = intake.tracePayloads() as [Buffer];
    expect(decodeAgentPayload(body).tracerPayloads[0]?.chunks[0]?.spans).toMatchObject([{ name: "rare" }]);
    await intake.stop();
  });

  it("names a bad pattern together with what else is wrong, before it is invoked", async () => {
    const wrong = { EXCLUDE_AT_MATCH: "(?!a)", DD_PORT: "http" };
    const intake = await anIntake();
    await expect(invoke(BUILT, {}, intake, wrong)).rejects.toThrow(
      /Invalid configuration:\n.*EXCLUDE_AT_MATCH looks ahead .*\n.*DD_PORT must be /,
    );
    await intake.stop();
  });

  it("filters and scrubs with what it loads for it", async () => {
    const intake = await anIntake();
    const settings = { EXCLUDE_AT_MATCH: "^b", REDACT_IP: "true", DD_SCRUBBING_RULE: "(c)\\w+" };
    await invoke(BUILT, aDelivery(["a 10.0.0.1", "b", "cat"]), intake, settings);
    expect(intake.logs().map(({ message }) => message)).toEqual(["a xxx.xxx.xxx.xxx", ""]);
    await intake.stop();
  });

  it.each([
    ["eventbridge-security-hub", {}, 2],
    ["sns-notifications", { REDACT_IP: "true" }, 2],
    ["sqs-messages", {}, 2],
    ["kinesis-records", { DD_MULTILINE_LOG_REGEX_PATTERN: "never" }, 8],
    ["kafka-records", {}, 2],
    ["firehose-transformation", {}, 3],
  ])("reads the sample %s with what it loads for it", async (sample, settings, logs) => {
    const intake = await anIntake();
    const [ledger] = await invoke(BUILT, sampleEvent(sample), intake, settings);
    expect(ledger).toMatchObject({ logs, unaccounted: 0 });
    expect(intake.logs()).toHaveLength(logs);
    await intake.stop();
  });

  it("says what it cannot read of an event with what it loads for it", async () => {
    const intake = await anIntake();
    const entry = BUILT;
    await expect(invoke(entry, { some: "event" }, intake)).rejects.toThrow('of no known kind (its keys: "some")');
    const damaged = { awslogs: { data: aDelivery(["x"]).awslogs.data.slice(0, -12) } };
    await expect(invoke(entry, damaged, intake)).rejects.toThrow(
      "cut short: the gzip has no end (log group /aws/lambda/",
    );
    await intake.stop();
  });

  it("sends to an OpenTelemetry backend alone with what it loads for it", async () => {
    const backend = await anIntake();
    const settings = { DD_API_KEY: "", OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    const span = '{"traces":[[{"trace_id":"2","span_id":"1","name":"think","start":1,"duration":1}]]}';
    const [ledger] = await invoke(BUILT, aDelivery(["hello", span]), backend, settings);
    expect(ledger).toMatchObject({
      destinations: { "otlp-logs": { delivered: 1 }, "otlp-traces": { delivered: 1 } },
      unaccounted: 0,
    });
    const sent = (signal: "logs" | "traces"): string =>
      JSON.stringify(
        decodeOtlp(signal, backend.requests.find((request) => request.path === `/v1/${signal}`)?.body as Buffer),
      );
    expect(sent("logs")).toContain('"body":{"stringValue":"hello"}');
    expect(sent("traces")).toContain('"spanId":"0000000000000001"');
    await backend.stop();
  });

  it("names what is wrong with OpenTelemetry's variables together with the rest", async () => {
    const intake = await anIntake();
    const wrong = { OTEL_EXPORTER_OTLP_ENDPOINT: intake.url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", DD_PORT: "http" };
    await expect(invoke(BUILT, {}, intake, wrong)).rejects.toThrow(
      /Invalid configuration:\n.*OTEL_EXPORTER_OTLP_PROTOCOL is grpc.*\n.*DD_PORT must be /,
    );
    await intake.stop();
  });

  it("makes spans of requests and samples logs with what it loads for it", async () => {
    const intake = await anIntake();
    const settings = { FUNCTION_SPANS: "true", LOG_SAMPLING_RATE: "0", LOG_SAMPLING_KEEP_SLOWER_THAN_MS: "100" };
    const slow = aRequest(["a"], { durationMs: 101 });
    const quick = aRequest(["b"], {
      requestId: "5c7d7637-d7c3-4384-96ee-476da62d3ad6",
      startUnixMs: A_START + 1_000,
      durationMs: 1,
    });
    const [ledger] = await invoke(BUILT, aDelivery([...slow, ...quick]), intake, settings);
    expect(ledger).toMatchObject({
      events: 8,
      logs: 4,
      derivedSpans: 2,
      dropped: { logSampling: 4 },
      unaccounted: 0,
    });
    expect(intake.logs().map(({ message }) => message)).toEqual(slow.map(({ message }) => message));
    await intake.stop();
  });

  it("is packed whole, with nothing else, and without the time of the build", () => {
    const zip = readFileSync(path.join(DIST, "forwarder.zip"));
    const files = unzipSync(zip);
    const chunks = readdirSync(path.join(DIST, "chunks")).map((name) => `dist/chunks/${name}`);
    expect(Object.keys(files).sort()).toEqual([...chunks, "dist/forwarder.mjs", "dist/subscribe.mjs"].sort());
    for (const [name, bytes] of Object.entries(files))
      expect(Buffer.from(bytes)).toEqual(readFileSync(path.join(DIST, "..", name)));
    expect(datesIn(zip)).toEqual(Array(Object.keys(files).length).fill("1980-1-1"));
  });
});

/** Hands one event to a built function, whose intake is the given one. */
function invoke(entry: string, event: object, intake: TestIntake, settings: Record<string, string> = {}) {
  return invokeBuilt(entry, [event], { ...datadogAt(intake), ...settings });
}

/** The day of every entry in a zip's central directory, whose records begin with PK\1\2. */
function datesIn(zip: Buffer): string[] {
  const dates: string[] = [];
  const directory = zip.readUInt32LE(zip.lastIndexOf("PK\x05\x06") + 16);
  for (let at = directory; zip.readUInt32LE(at) === 0x0201_4b50; ) {
    const day = zip.readUInt16LE(at + 14);
    dates.push(`${1980 + (day >> 9)}-${(day >> 5) & 15}-${day & 31}`);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return dates;
}
