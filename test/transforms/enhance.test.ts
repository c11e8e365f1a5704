import type { Metric } from "../../src/telemetry.ts";
import { enhance, mayTellMetrics } from "../../src/transforms/enhance.ts";
import { capturedMessages, type EnvelopeGiven, type EventGiven } from "../helpers/deliveries.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const REQUEST = "276ff3b9-1609-4ee7-a288-db3752630767";
const OTHER = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const NOW = 1_795_226_069;

function report(requestId: string, durationMs = 469.4, memoryMB = 1024, rest = ""): string {
  return `REPORT RequestId: ${requestId}\tDuration: ${durationMs} ms\tBilled Duration: ${Math.ceil(durationMs)} ms\tMemory Size: ${memoryMB} MB\tMax Memory Used: 21 MB\t${rest}\n`;
}

async function metricsOf(messages: (string | EventGiven)[], given: EnvelopeGiven = {}): Promise<Metric[]> {
  const telemetry = telemetryOf(messages, given);
  return mayTellMetrics(telemetry) ? (await enhance(telemetry)).metrics : telemetry.metrics;
}

async function valuesOf(messages: (string | EventGiven)[]): Promise<Record<string, number[]>> {
  const metrics = await metricsOf(messages);
  return Object.fromEntries(metrics.map(({ name, points }) => [name, points.flatMap(({ values }) => values)]));
}

describe("metrics of a function's logs", () => {
  it("tell what a request took, in seconds, megabytes and dollars, and its logs stay", async () => {
    const telemetry = await enhance(telemetryOf([report(REQUEST, 469.4, 1024, "Init Duration: 100.99 ms\t")]));
    expect(telemetry.logs).toHaveLength(1);
    const tags = ["memorysize:1024", "cold_start:true"];
    const at = (value: number) => [{ timeUnixSeconds: NOW, values: [value] }];
    expect(telemetry.metrics).toEqual([
      { name: "aws.lambda.enhanced.duration", points: at(0.4694), tags, isLine: false },
      { name: "aws.lambda.enhanced.billed_duration", points: at(0.47), tags, isLine: false },
      { name: "aws.lambda.enhanced.max_memory_used", points: at(21), tags, isLine: false },
      { name: "aws.lambda.enhanced.init_duration", points: at(0.10099), tags, isLine: false },
      { name: "aws.lambda.enhanced.estimated_cost", points: at(0.0000002 + 0.47 * 0.0000166667), tags, isLine: false },
    ]);
  });

  it("are the same of a report in JSON", async () => {
    const [json] = capturedMessages("constructed-from-source/platform-lines-json.jsonl").filter((line) =>
      line.includes("platform.report"),
    ) as [string];
    const rest = "Init Duration: 131.512 ms\t";
    const text = `REPORT RequestId: ${REQUEST}\tDuration: 68.31 ms\tBilled Duration: 201 ms\tMemory Size: 256 MB\tMax Memory Used: 91 MB\t${rest}\n`;
    expect(await metricsOf([json])).toEqual(await metricsOf([text]));
  });

  it("tell what a report tells, where it does not tell all", async () => {
    const json = { time: "", type: "platform.report", record: { requestId: REQUEST, metrics: { durationMs: 1.148 } } };
    expect(await metricsOf([JSON.stringify(json)])).toMatchObject([
      { name: "aws.lambda.enhanced.duration", tags: ["cold_start:false"] },
    ]);
  });

  it("have one series for many requests, with the times of their lines", async () => {
    const at = (timestamp: number, message: string): EventGiven => ({ timestamp, message });
    const metrics = await metricsOf([
      at(1_000_999, report(REQUEST, 100)),
      at(1_001_000, report(OTHER, 200)),
      at(1_001_999, report(REQUEST, 300)),
    ]);
    expect(metrics).toHaveLength(4);
    expect(metrics[0]?.points).toEqual([
      { timeUnixSeconds: 1_000, values: [0.1] },
      { timeUnixSeconds: 1_001, values: [0.2, 0.3] },
    ]);
  });

  it("are kept apart by their tags", async () => {
    const metrics = await metricsOf([
      report(REQUEST),
      report(OTHER, 1, 128),
      report(OTHER, 1, 128, "Init Duration: 5 ms"),
    ]);
    const durations = metrics.filter(({ name }) => name.endsWith(".duration"));
    expect(durations.map(({ tags }) => tags.join())).toEqual([
      "memorysize:1024,cold_start:false",
      "memorysize:128,cold_start:false",
      "memorysize:128,cold_start:true",
    ]);
  });

  it("are made of Lambda functions' logs alone", async () => {
    expect(await metricsOf([report(REQUEST)], { logGroup: "/ecs/service", logStream: "web" })).toEqual([]);
    expect(await metricsOf(["[ERROR] MemoryError"], { logGroup: "/ecs/service", logStream: "web" })).toEqual([]);
    expect(mayTellMetrics(telemetryOf(["START", "a log"]))).toBe(false);
  });

  it("count a request that timed out once, by text or by JSON", async () => {
    const line = `2026-11-21T01:51:12.822Z ${REQUEST} Task timed out after 3.00 seconds\n\n`;
    const record = (requestId: string): string =>
      JSON.stringify({ time: "", type: "platform.report", record: { requestId, status: "timeout", metrics: {} } });
    expect(await metricsOf([line])).toEqual([
      {
        name: "aws.lambda.enhanced.timeouts",
        points: [{ timeUnixSeconds: NOW, values: [1] }],
        tags: [],
        isLine: false,
      },
    ]);
    expect(await valuesOf([line, report(REQUEST, 3_000, 128, "Status: timeout\t")])).toMatchObject({
      "aws.lambda.enhanced.timeouts": [1],
    });
    expect(await valuesOf([line, record(REQUEST), record(OTHER)])).toEqual({ "aws.lambda.enhanced.timeouts": [1, 1] });
  });

  it("count a request whose memory ran out once, whoever says it", async () => {
    const crash = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n";
    const outOfMemory = "Status: error\tError Type: Runtime.OutOfMemory";
    const messages = [`START RequestId: ${REQUEST}`, crash, report(REQUEST, 5, 128, outOfMemory)];
    expect((await valuesOf(messages))["aws.lambda.enhanced.out_of_memory"]).toEqual([1]);
    expect((await valuesOf([crash, crash]))["aws.lambda.enhanced.out_of_memory"]).toEqual([1, 1]);
  });

  it("are not made of prose about a MemoryError or a timeout", async () => {
    const prose = [
      "how to catch MemoryError",
      "why it says java.lang.OutOfMemoryError: Java heap space",
      "Task timed out after 3.00 seconds is what you see",
      `see REPORT RequestId: ${REQUEST}\tDuration: 1 ms\tBilled Duration: 1 ms\tMemory Size: 1 MB\tMax Memory Used: 1 MB`,
    ];
    expect(await metricsOf(prose)).toEqual([]);
  });

  it('are not harmed by a JSON log with "record":"x"', async () => {
    const line = '{"type":"platform.report","record":"x"}';
    expect(await metricsOf([line, "[ERROR] MemoryError", report(REQUEST)])).toHaveLength(5);
  });
});
