import { parse } from "../../src/transforms/parse.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";

describe("parse", () => {
  it("finds what each line says, and nothing of its neighbours", () => {
    const { logs } = telemetryOf(["é 世 💥", `END RequestId: ${REQUEST}\n`, '{"dd":{"trace_id":"26"}}', "plain"]);
    expect(logs.map(({ context }) => context && [context.platform, context.requestId, context.traceId])).toEqual([
      null,
      ["end", REQUEST, ""],
      ["", "", "0000000000000000000000000000001a"],
      null,
    ]);
  });

  it("reads the message a transform made, not the one that came", () => {
    const telemetry = telemetryOf(['{"trace_id":"6b00f9d500000000414ae78d188f3825","secret":"x"}']);
    const [log] = telemetry.logs;
    if (log) log.body = '{"trace_id":"1b00f9d500000000414ae78d188f3825"}';
    expect(parse(telemetry).logs[0]?.context?.traceId).toBe("1b00f9d500000000414ae78d188f3825");
  });
});
