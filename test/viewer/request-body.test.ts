import { connect } from "node:net";
import { BodyBudget } from "../../src/viewer/request-body.ts";
import { aServer, post, stopAll } from "./a-server.ts";

afterEach(stopAll);

describe("the budget for bodies", () => {
  it("has room for so many bytes at once, and for as many again when they are given back", () => {
    const budget = new BodyBudget(10);
    expect([budget.take(6), budget.take(5), budget.take(4), budget.take(1)]).toEqual([true, false, true, false]);
    budget.give(6);
    expect([budget.take(7), budget.take(6)]).toEqual([false, true]);
  });

  it("makes senders try again while others are slow, and takes them afterwards", async () => {
    const intake = await aServer({ maxOtlpBytes: 1_000, maxBodiesBytes: 1_000 });
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
