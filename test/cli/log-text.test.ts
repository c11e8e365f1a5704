import { logText } from "../../src/cli/log-text.ts";

describe("a log in the tree", () => {
  it.each([
    ["2026-11-21T01:54:29.832Z\tdefaa4fc-bf79\tINFO\t[dd.trace_id=1 dd.span_id=2] hello", "INFO hello"],
    ['{"level":50,"time":1,"subject":"x","msg":"no thought","dd":{"trace_id":"1"}}', 'ERROR no thought subject="x"'],
    ['{"level":"info","message":"hello"}', "info hello"],
    ['{"e":1795226069,"m":"aws.lambda.enhanced.invocations","t":[],"v":1}', "METRIC aws.lambda.enhanced.invocations 1"],
    ["START RequestId: defaa4fc-bf79-487e-a848-9f6f5feef9a0 Version: $LATEST", "START"],
    ["REPORT RequestId: defaa4fc-bf79-487e-a848-9f6f5feef9a0\tDuration: 1 ms", "REPORT\tDuration: 1 ms"],
  ])("says what is not in the tree already: %j", (body, text) => {
    expect(logText(body)).toBe(text);
  });

  it.each(["", "plain", "{not json", "[1]", '{"a":1}', "{}", "START of something"])(
    "is itself otherwise: %j",
    (body) => {
      expect(logText(body)).toBe(body);
    },
  );
});
