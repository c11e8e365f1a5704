import { get as httpGet, type IncomingMessage } from "node:http";
import type { ApiLive, ApiServerStatus, ApiTrace } from "../../src/viewer/api-types.ts";
import type { Intake } from "../../src/viewer/intake.ts";
import { aReceivedLog, aReceivedSpan } from "../helpers/received.ts";
import { aServer, get, stopAll } from "./a-server.ts";

afterEach(stopAll);

describe("the live stream", () => {
  it("sends spans and logs as they arrive, those that match", async () => {
    const intake = await aServer({ live: { pauseMs: 1 } });
    const all = await listen(intake, "");
    const some = await listen(intake, "service:api OR status:error");
    intake.store.addSpans([aReceivedSpan({ service: "api" }), aReceivedSpan({ spanId: "1", service: "other" })]);
    intake.store.addLogs([aReceivedLog({ severity: "error", body: "a" }), aReceivedLog({ body: "b" })]);
    await all.until(({ spans, logs }) => spans.length === 2 && logs.length === 2);
    const seen = await some.until(({ spans, logs }) => spans.length === 1 && logs.length === 1);
    expect(seen).toMatchObject({
      spans: [{ service: "api" }],
      logs: [{ message: "a" }],
      dropped: { spans: 0, logs: 0 },
    });
    expect(all.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  });

  it("begins with the newest of what is held and matches, where that is asked for", async () => {
    const intake = await aServer({ live: { pauseMs: 1 } });
    intake.store.addSpans([
      aReceivedSpan({ spanId: "1" }),
      aReceivedSpan({ spanId: "2" }),
      aReceivedSpan({ spanId: "3" }),
    ]);
    intake.store.addLogs(["a", "b", "c", "other"].map((body) => aReceivedLog({ body, severity: "error" })));
    const client = await listen(intake, "-other", "&recent=2");
    const held = await client.until(({ spans, logs }) => spans.length === 2 && logs.length === 2);
    expect(held.logs.map(({ message }) => message)).toEqual(["b", "c"]);
    expect(held.spans.map(({ spanId }) => spanId)).toEqual(["2", "3"]);
    intake.store.addLogs([aReceivedLog({ body: "later" })]);
    await client.until(({ logs }) => logs.length === 3);
    const refused = await fetch(`${intake.url}/api/live?recent=many`);
    expect([refused.status, await refused.json()]).toEqual([400, { errors: ["recent is a number from 1 to 1000"] }]);
  });

  it("numbers a log as its trace does", async () => {
    const intake = await aServer({ live: { pauseMs: 1 } });
    const client = await listen(intake, "");
    const { traceId, spanId } = aReceivedSpan();
    intake.store.addLogs([aReceivedLog({ body: "alone" }), aReceivedLog({ traceId, spanId })]);
    const seen = await client.until(({ logs }) => logs.length === 2);
    const trace = await get<ApiTrace>(intake, `/api/traces/${traceId}`);
    expect(trace.logs.map(({ sequence }) => sequence)).toEqual([seen.logs[1]?.sequence]);
  });

  it("leaves out the oldest of too many, and counts them", async () => {
    const intake = await aServer({ live: { pauseMs: 1, maxQueued: 30, maxItems: 10 } });
    const client = await listen(intake, "");
    const logs = Array.from({ length: 50 }, (_, at) => aReceivedLog({ body: `${at}` }));
    intake.store.addLogs(logs);
    const seen = await client.until((given) => given.logs.length > 0);
    expect(seen.logs.map(({ message }) => Number(message))).toEqual(Array.from({ length: 10 }, (_, at) => 40 + at));
    expect(seen.dropped).toEqual({ spans: 0, logs: 40 });
  });

  it("holds no more than its bounds for a client that does not read, and counts what it left out", async () => {
    const settings = { pauseMs: 1, maxQueued: 100, maxItems: 100, maxUnsentBytes: 100_000 };
    const intake = await aServer({ live: settings });
    const client = await listen(intake, "");
    client.response.pause();
    const body = "x".repeat(10_000);
    let sent = 0;
    // More than sockets hold.
    for (let round = 0; round < 60; round++) {
      intake.store.addLogs(Array.from({ length: 50 }, () => aReceivedLog({ body })));
      sent += 50;
      await get<ApiServerStatus>(intake, "/api/status");
    }
    client.response.resume();
    const seen = await client.until(({ logs, dropped }) => logs.length + dropped.logs === sent);
    expect(seen.dropped.logs).toBeGreaterThan(0);
    expect(seen.logs.length).toBeGreaterThanOrEqual(100);
  });

  it("shows that it is still there, and forgets who goes", async () => {
    const intake = await aServer({ live: { heartbeatMs: 5 } });
    const client = await listen(intake, "");
    await client.untilText(": still here\n\n: still here\n\n");
    expect((await get<ApiServerStatus>(intake, "/api/status")).liveClients).toBe(1);
    client.response.destroy();
    while ((await get<ApiServerStatus>(intake, "/api/status")).liveClients > 0);
  });

  it("takes only so many clients", async () => {
    const intake = await aServer({ live: { maxClients: 1 } });
    await listen(intake, "");
    const refused = await fetch(`${intake.url}/api/live`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  });
});

/** A client, once it is listening, with all that it was sent so far. */
async function listen(intake: Intake, query: string, more = "") {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(`${intake.url}/api/live?query=${encodeURIComponent(query)}${more}`, resolve).once("error", reject);
  });
  let text = "";
  let looks: (() => void)[] = [];
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    for (const look of looks) look();
  });
  response.on("error", () => {});
  const untilTrue = <Value>(value: () => Value | undefined): Promise<Value> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = value();
        if (found === undefined) return;
        looks = looks.filter((other) => other !== look);
        resolve(found);
      };
      looks.push(look);
      look();
    });
  await untilTrue(() => (text.startsWith("retry: ") ? true : undefined));
  return {
    response,
    headers: response.headers,
    until: (isEnough: (seen: ApiLive) => boolean) =>
      untilTrue(() => {
        const seen = itemsIn(text);
        return isEnough(seen) ? seen : undefined;
      }),
    untilText: (part: string) => untilTrue(() => (text.includes(part) ? true : undefined)),
  };
}

function itemsIn(text: string): ApiLive {
  const all: ApiLive = { spans: [], logs: [], dropped: { spans: 0, logs: 0 } };
  for (const event of text.split("\n\n").slice(0, -1)) {
    const data = /^event: items\ndata: (.*)$/.exec(event)?.[1];
    if (data === undefined) continue;
    const { spans, logs, dropped } = JSON.parse(data) as ApiLive;
    all.spans.push(...spans);
    all.logs.push(...logs);
    all.dropped.spans += dropped.spans;
    all.dropped.logs += dropped.logs;
  }
  return all;
}
