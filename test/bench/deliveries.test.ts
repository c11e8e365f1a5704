import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";

const root = path.join(__dirname, "../..");
const run = promisify(execFile);

interface Made {
  event: { awslogs: { data: string } };
  facts: Record<"events" | "rawBytes" | "gzipBytes" | "traceLines" | "spans" | "requests", number>;
}

interface LogEvent {
  id: string;
  timestamp: number;
  message: string;
}

/** Makes deliveries in a process that can import ES modules, which jest's own cannot. */
async function makeDeliveries(...given: Record<string, unknown>[]): Promise<Made[]> {
  const program = `
    const { makeDelivery } = await import(process.argv[1]);
    process.stdout.write(JSON.stringify(JSON.parse(process.argv[2]).map(makeDelivery)));
  `;
  const args = ["--input-type=module", "-e", program, path.join(root, "bench/deliveries.mjs"), JSON.stringify(given)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout);
}

function envelopeOf({ event }: Made): { logGroup: string; logEvents: LogEvent[] } {
  return JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, "base64")).toString());
}

/** The spans of a trace line; undefined for what is none. */
function spansOf({ message }: LogEvent): unknown[] | undefined {
  return message.startsWith('{"traces":') ? JSON.parse(message).traces.flat() : undefined;
}

const messagesOf = (made: Made): string[] => envelopeOf(made).logEvents.map(({ message }) => message);
const isJson = (message: string): boolean => message.startsWith("{");

describe("the deliveries of the benchmark", () => {
  it("are the same for the same seed and others for another", async () => {
    const given = { kind: "trace", requests: 3 };
    const [first, again, other] = (await makeDeliveries(given, given, { ...given, seed: 2 })) as [Made, Made, Made];
    expect(again).toEqual(first);
    expect(messagesOf(other)).not.toEqual(messagesOf(first));
  });

  it("are what they say they are", async () => {
    const kinds = ["lambda", "trace", "text"];
    for (const made of await makeDeliveries(...kinds.map((kind) => ({ kind, gzipBytes: 20_000 })))) {
      const { event, facts } = made;
      const { logEvents } = envelopeOf(made);
      const gzip = Buffer.from(event.awslogs.data, "base64");
      const spans = logEvents.flatMap((logEvent) => spansOf(logEvent) ?? []);
      expect(facts).toEqual({
        events: logEvents.length,
        rawBytes: gunzipSync(gzip).length,
        gzipBytes: gzip.length,
        traceLines: logEvents.filter(spansOf).length,
        spans: spans.length,
        requests: logEvents.filter(({ message }) => message.startsWith("REPORT ")).length,
      });
    }
  });

  it("come near the size asked for, and never over it", async () => {
    const kinds = ["lambda", "text"];
    for (const { facts } of await makeDeliveries(...kinds.map((kind) => ({ kind, gzipBytes: 50_000 })))) {
      expect(facts.gzipBytes).toBeLessThanOrEqual(50_000);
      expect(facts.gzipBytes).toBeGreaterThan(49_000);
    }
  });

  it("have the number of log events or of requests asked for", async () => {
    const [text, lambda] = (await makeDeliveries({ kind: "text", events: 123 }, { kind: "lambda", requests: 7 })) as [
      Made,
      Made,
    ];
    expect(text.facts.events).toBe(123);
    expect(lambda.facts.requests).toBe(7);
    expect(messagesOf(lambda).at(-1)).toMatch(/^REPORT /);
  });

  it("compress as well as logs do", async () => {
    const kinds = ["lambda", "trace", "text"];
    for (const { facts } of await makeDeliveries(...kinds.map((kind) => ({ kind, gzipBytes: 100_000 })))) {
      expect(facts.rawBytes / facts.gzipBytes).toBeGreaterThan(6);
      expect(facts.rawBytes / facts.gzipBytes).toBeLessThan(12);
    }
  });

  it("number their events as CloudWatch does", async () => {
    const [made] = (await makeDeliveries({ kind: "lambda", requests: 30 })) as [Made];
    const ids = envelopeOf(made).logEvents.map(({ id }) => id);
    expect(ids.filter((id) => !/^\d{56}$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("mix JSON, text and metrics in a function's log", async () => {
    const [made] = (await makeDeliveries({ kind: "lambda", requests: 300 })) as [Made];
    const lines = messagesOf(made).filter((message) => !/^(?:START|END|REPORT) /.test(message));
    const share = (is: (message: string) => boolean): number => lines.filter(is).length / lines.length;
    expect(share((line) => line.startsWith('{"m":'))).toBeCloseTo(0.05, 1);
    expect(share((line) => isJson(line) && line.includes('"trace_id":"'))).toBeGreaterThan(0.3);
    expect(share((line) => /^\S+Z\t[0-9a-f-]{36}\t(?:INFO|WARN|ERROR)\t/.test(line))).toBeGreaterThan(0.35);
    expect(share((line) => line.includes("function_request_id"))).toBeGreaterThan(0.02);
  });

  it("write long traces in several lines, none over 64 KB", async () => {
    const [made] = (await makeDeliveries({ kind: "trace", requests: 1, spansPerTrace: [200, 200] })) as [Made];
    const lines = envelopeOf(made).logEvents.filter(spansOf);
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map(({ message }) => message.length))).toBeLessThanOrEqual(64 * 1024);
    expect(made.facts.spans).toBe(200);
  });

  it("have characters beyond ASCII in one of a hundred lines of text", async () => {
    const [made] = (await makeDeliveries({ kind: "text", events: 2_000 })) as [Made];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
    const beyond = messagesOf(made).filter((message) => /[^\u0000-\u007f]/.test(message));
    expect(beyond.length).toBeGreaterThan(5);
    expect(beyond.length).toBeLessThan(50);
  });
});

describe("the benchmark", () => {
  it("runs every tool", async () => {
    const { stdout } = await run(process.execPath, [path.join(root, "bench/run.mjs"), "--smoke"]);
    expect(stdout).toContain("every tool works");
  }, 30_000);

  it("says what is wrong with its command line", async () => {
    const wrong = run(process.execPath, [path.join(root, "bench/run.mjs"), "--only", "lambda-2k"]);
    await expect(wrong).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("there is no lambda-2k") });
  });
});
