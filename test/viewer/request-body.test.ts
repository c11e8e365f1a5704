import { connect } from "node:net";
import { BodyBudget } from "../../src/viewer/request-body.ts";
import { aServer, post, stopAll } from "./a-server.ts";

afterEach(stopAll);

describe("the budget for bodies", () => {
  it("has room for so many bytes at once, and lets others in, in their order, when these are given back", async () => {
    const budget = new BodyBudget(10);
    const letIn: string[] = [];
    const take = (name: string, bytes: number) =>
      budget.take(bytes).then((hasRoom) => letIn.push(`${name} ${hasRoom}`));
    await take("a", 6);
    const others = [take("b", 5), take("c", 4), take("d", 1)];
    await take("too large", 11);
    expect(letIn).toEqual(["a true", "too large false"]);
    budget.give(6);
    await Promise.all(others);
    expect(letIn.slice(2)).toEqual(["b true", "c true", "d true"]);
  });

  it("lets nobody wait for longer than it may, and goes on with who is behind", async () => {
    const budget = new BodyBudget(10, 5);
    expect(await budget.take(8)).toBe(true);
    const line = new BodyBudget(10, 5);
    expect(await line.take(10)).toBe(true);
    const waiting = Array.from({ length: 100 }, () => line.take(1));
    expect(await line.take(1)).toBe(false);
    line.give(10);
    expect((await Promise.all(waiting)).filter(Boolean)).toHaveLength(10);
    const behind = new BodyBudget(10, 5);
    expect(await behind.take(8)).toBe(true);
    expect(await Promise.all([budget.take(5), behind.take(9), behind.take(2)])).toEqual([false, false, true]);
  });

  it("makes senders try again while others are slow, and takes them afterwards", async () => {
    const intake = await aServer({ maxOtlpBytes: 1_000, maxBodiesBytes: 1_000, maxBodyWaitMs: 5 });
    const json = { "content-type": "application/json" };
    const slow = connect(intake.port, "127.0.0.1");
    const head = [
      "POST /v1/traces HTTP/1.1",
      "host: localhost",
      "content-type: application/json",
      "content-length: 900",
    ];
    await new Promise<void>((resolve) => slow.write(`${head.join("\r\n")}\r\n\r\n{`, () => resolve()));
    const large = "{}".padEnd(200);
    const busy = async (): Promise<number> => {
      const { status, headers } = await post(intake, "/v1/traces", large, json);
      expect([status, headers.get("retry-after")]).toEqual(status === 503 ? [503, "1"] : [200, null]);
      return status;
    };
    // The slow one may not be seen yet.
    while ((await busy()) !== 503);
    expect((await post(intake, "/v1/traces", "{}", json)).status).toBe(200);
    slow.destroy();
    while ((await busy()) !== 200);
  });
});
