import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { DestinationBooks } from "../../src/delivery/ledger.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { aProcess, datadogEntry, datadogVariables } from "../helpers/forwarder-process.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { decodeOtlp } from "../helpers/otlp-published.ts";
import { aPayload } from "../helpers/payloads.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

let stopping: { stop(): Promise<void> }[];
let environment: NodeJS.ProcessEnv;
beforeEach(() => {
  stopping = [];
  environment = { ...process.env };
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.env = environment;
  await Promise.all(stopping.map((it) => it.stop()));
});

const open = async <It extends { stop(): Promise<void> }>(opening: Promise<It>): Promise<It> => {
  const it = await opening;
  stopping.push(it);
  return it;
};

const intakes = (...replies: Parameters<typeof anIntake>[]): Promise<TestIntake[]> =>
  Promise.all(replies.map((given) => open(anIntake(...given))));

const table = (...entries: object[]): Record<string, string> => ({ DESTINATIONS: JSON.stringify(entries) });

const otlpEntry = (name: string, { url }: TestIntake, more: object = {}): object => ({
  ...{ name, type: "otlp", endpoint: url },
  ...more,
});

/** It takes requests, and answers none of them until it is told to. */
async function aHangingIntake(): Promise<{ url: string; port: number; answer(): void; stop(): Promise<void> }> {
  let answer = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const server = createServer((request, response) => {
    request.resume();
    void told.then(() => response.writeHead(202).end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, port, answer, stop };
}

/** An S3 that the process uses, with buckets. */
async function anS3(...buckets: string[]): Promise<S3Server> {
  const server = await open(startS3());
  Object.assign(process.env, server.environment);
  for (const bucket of buckets) server.s3.store(bucket, "there", "");
  return server;
}

const STORED = { DD_STORE_FAILED_EVENTS: "true", DD_S3_BUCKET_NAME: "failed-events" };

const messages = ({ logs }: { logs(): Record<string, unknown>[] }): unknown[] => logs().map(({ message }) => message);

const otlpBodies = ({ requests }: TestIntake): string[] =>
  requests
    .filter(({ path }) => path === "/v1/logs")
    .flatMap(({ body }) => decodeOtlp("logs", body).resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs)
    .flatMap(({ logRecords }) => logRecords)
    .map(({ body }) => body.stringValue);

/** Lines that do not become much smaller. */
const noise = (count: number, bytes: number): string[] =>
  Array.from({ length: count }, () => randomBytes(bytes / 2).toString("hex"));

describe("several destinations", () => {
  it("each get what their signals and filter let through, and the books hold for each", async () => {
    const [own, audit, collector] = (await intakes([], [], [])) as [TestIntake, TestIntake, TestIntake];
    const { invoke } = aProcess({
      ...datadogVariables(own),
      ...table(
        datadogEntry("audit", audit, { signals: ["logs"], include: "login|logout", exclude: "logout" }),
        otlpEntry("collector", collector, { signals: ["logs", "traces"], exclude: "^login" }),
      ),
    });
    const ledger = await invoke(aDelivery(["login a", "logout a", "other", aPayload({})]));
    expect(messages(own)).toEqual(["login a", "logout a", "other"]);
    expect(messages(audit)).toEqual(["login a"]);
    expect(otlpBodies(collector)).toEqual(["logout a", "other"]);
    expect(audit.tracePayloads()).toEqual([]);
    expect(collector.requests.filter(({ path }) => path === "/v1/traces")).toHaveLength(1);
    expect(ledger.destinations).toMatchObject({
      "datadog-logs": { offered: 3, delivered: 3 },
      "datadog-traces": { offered: 1, delivered: 1 },
      "audit-logs": { offered: 1, delivered: 1, skipped: { include: 1, exclude: 1 } },
      "collector-logs": { offered: 2, delivered: 2, skipped: { exclude: 1 } },
      "collector-traces": { offered: 1, delivered: 1 },
    });
    expect(ledger.destinations).not.toHaveProperty("audit-traces");
    expect(ledger.unaccounted).toBe(0);
  });

  it("need none that the variables make, and what none of them takes is counted", async () => {
    const collector = await open(anIntake());
    const { invoke } = aProcess(table(otlpEntry("collector", collector, { signals: ["logs"] })));
    const ledger = await invoke(aDelivery(["one", aPayload({})]));
    expect(otlpBodies(collector)).toEqual(["one"]);
    expect(ledger).toMatchObject({ skipped: { "no endpoint for traces": 1 }, unaccounted: 0 });
  });

  it("are tried again for what the one that failed has not, while the process lives; another sends all again", async () => {
    const [own, collector] = (await intakes([], [400])) as [TestIntake, TestIntake];
    const env = { ...datadogVariables(own), ...table(otlpEntry("collector", collector)) };
    const first = aProcess(env);
    const event = aDelivery(["one", aPayload({})]);
    const failed = await first.invoke(event);
    expect(first.failures[0]?.message).toContain("collector-logs: 1 of 1 not delivered (HTTP 400)");
    expect(failed.unaccounted).toBe(0);
    await first.invoke(aDelivery(["two"]));
    expect(messages(own)).toEqual(["one", "two"]);

    const again = await first.invoke(event);
    expect(first.failures.slice(1)).toEqual([undefined, undefined]);
    expect(messages(own)).toEqual(["one", "two"]);
    expect(own.tracePayloads()).toHaveLength(1);
    expect(otlpBodies(collector)).toEqual(["one", "two", "one"]);
    const skipped = { "settled before": 1 };
    expect(again.destinations).toMatchObject({
      "datadog-logs": { offered: 0, delivered: 0, skipped },
      "datadog-traces": { offered: 0, skipped },
      "collector-logs": { offered: 1, delivered: 1 },
      "collector-traces": { offered: 0, skipped },
    });
    expect(again.unaccounted).toBe(0);

    // It is settled, so that the same event would be a new one; and another process knows nothing of it.
    await first.invoke(event);
    await aProcess(env).invoke(event);
    expect(messages(own)).toEqual(["one", "two", "one", "one"]);
  });

  it("get an event again that could not be read to its end: nobody knows what they have not had", async () => {
    const [own, collector] = (await intakes([], [400])) as [TestIntake, TestIntake];
    const { invoke, failures } = aProcess({ ...datadogVariables(own), ...table(otlpEntry("collector", collector)) });
    const whole = Buffer.from(aDelivery(noise(30, 100_000)).awslogs.data, "base64");
    const event = { awslogs: { data: whole.subarray(0, -100).toString("base64") } };
    const { logs } = await invoke(event);
    expect(logs).toBeGreaterThan(10);
    await invoke(event);
    expect(failures.map((failure) => failure?.name)).toEqual(["UnreadableEventError", "UnreadableEventError"]);
    expect(own.logs()).toHaveLength(2 * logs);
  });

  it("do not wait for one that hangs: what that has no room for is stored, all else arrives meanwhile", async () => {
    await anS3("failed-events");
    const [own, hanging] = await Promise.all([open(anIntake()), open(aHangingIntake())]);
    const entry = datadogEntry("slow", hanging, { signals: ["logs"] });
    const { invoke } = aProcess(
      { ...datadogVariables(own), DD_USE_COMPRESSION: "false", ...STORED, ...table(entry) },
      60_000,
    );
    const running = invoke(aDelivery(noise(105, 100_000)));
    while (own.logs().length < 105) await new Promise((resolve) => setTimeout(resolve, 5));
    // All is at the one, and the other has not answered yet.
    hanging.answer();
    const ledger = await running;
    expect(ledger.destinations["datadog-logs"]).toMatchObject({ offered: 105, delivered: 105, stored: {} });
    const { offered, delivered, stored } = ledger.destinations["slow-logs"] as DestinationBooks;
    expect(offered).toBe(105);
    expect(delivered).toBeGreaterThan(0);
    expect(stored).toEqual({ "queue full": 105 - delivered });
    expect(ledger.unaccounted).toBe(0);
  });

  it("may be an archive in S3, which a redrive fills when S3 takes it again", async () => {
    const s3 = await anS3("failed-events", "example-archive");
    s3.s3.remove("example-archive", "there");
    const entry = { name: "archive", type: "s3", bucket: "example-archive", prefix: "prod", exclude: "^secret" };
    const env = { ...STORED, ...table(entry) };
    s3.faulty("deny", { operation: "PutObject", key: "prod/logs" });
    const { invoke, output } = aProcess(env);
    const event = aDelivery(["one", "secret", "two", aPayload({})]);
    const first = await invoke(event);
    expect(first.destinations).toMatchObject({
      "archive-logs": { offered: 2, stored: { AccessDenied: 2 }, skipped: { exclude: 1 }, possiblyDuplicated: 0 },
      "archive-traces": { offered: 1, delivered: 1 },
    });
    expect(first.unaccounted).toBe(0);
    expect(output.join("")).toContain("destination archive: cannot write s3://example-archive/prod/logs/dt=");
    s3.heal();
    expect((await invoke({ retry: true })).redrive).toMatchObject({ delivered: 2, quarantined: 0 });
    const keys = s3.s3.keys("example-archive");
    expect(keys).toEqual([
      expect.stringMatching(/^prod\/logs\/dt=2026-11-\d\d\/hour=\d\d\/[0-9a-f]{32}\.ndjson\.gz$/),
      expect.stringMatching(/^prod\/traces\/dt=/),
    ]);
    const lines = gunzipSync(s3.s3.object("example-archive", keys[0] as string))
      .toString()
      .trim()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line).body)).toEqual(["one", "two"]);
    await invoke(event);
    expect(s3.s3.keys("example-archive")).toEqual(keys);
  });

  it("store what one does not take under its name, and a redrive sends it there, in its form", async () => {
    const s3 = await anS3("failed-events");
    const [own, audit] = (await intakes([], [404])) as [TestIntake, TestIntake];
    const env = { ...datadogVariables(own), ...STORED, ...table(datadogEntry("audit", audit, { signals: ["logs"] })) };
    const { invoke } = aProcess(env);
    const ledger = await invoke(aDelivery(["one"]));
    expect(ledger.destinations["audit-logs"]).toMatchObject({ stored: { "HTTP 404": 1 } });
    const [key] = s3.s3.keys("failed-events").filter((name) => name.includes("/logs/")) as [string];
    const header = gunzipSync(s3.s3.object("failed-events", key)).toString().split("\n")[0] as string;
    expect(JSON.parse(header)).toMatchObject({ destination: "audit-logs", form: "datadog-logs" });

    const away = aProcess({ ...datadogVariables(own), ...STORED });
    expect((await away.invoke({ retry: true })).redrive).toMatchObject({ left: { "no such destination": 1 } });
    expect(away.output.join("")).toContain("stays: its destination, audit-logs, is not configured");

    const other = aProcess({ ...env, ...table(otlpEntry("audit", audit)) });
    expect((await other.invoke({ retry: true })).redrive).toMatchObject({ left: { "other form": 1 }, quarantined: 0 });

    expect((await aProcess(env).invoke({ retry: true })).redrive).toMatchObject({ delivered: 1, left: {} });
    expect(messages(audit)).toEqual(["one"]);
    expect(messages(own)).toEqual(["one"]);
  });
});
