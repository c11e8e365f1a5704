import fc from "fast-check";
import { MetricLines } from "../../src/formats/datadog-metric.ts";
import { metricOf, readMetricLine } from "../../src/formats/datadog-metric-reader.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { metricLine } from "../helpers/metric-lines.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { aSlice } from "../helpers/slices.ts";

/** What the cheap look says of each message. */
function looks(messages: string[]): boolean[] {
  const { slice, logEvents } = aSlice(messages);
  const lines = new MetricLines(slice.text);
  return logEvents.map(({ message, messageEnd }) => lines.mayBe(message, messageEnd));
}

describe("a metric line", () => {
  it("of each of Datadog's libraries is read", () => {
    const lines = capturedMessages("constructed-from-source/datadog-metric-lines.log");
    expect(lines.map(readMetricLine)).toEqual([
      {
        name: "coffee_house.order_value",
        points: [{ timeUnixSeconds: 1_795_226_069, values: [12.45] }],
        tags: ["product:latte", "dd_lambda_layer:datadog-python311_6.110.0"],
        isLine: true,
      },
      {
        name: "coffee_house.order_value",
        points: [{ timeUnixSeconds: 1_795_226_069, values: [12.45] }],
        tags: ["dd_lambda_layer:datadog-ruby32", "product:latte"],
        isLine: true,
      },
    ]);
    expect(looks(lines)).toEqual([true, true]);
  });

  it("that a real function printed is read", () => {
    const captured = capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl");
    const read = captured.map(readMetricLine).filter((metric) => metric !== undefined);
    expect(read).toMatchObject([{ name: "aws.lambda.enhanced.invocations", points: [{ values: [1] }] }]);
  });

  it("has its keys in any order, others beside them, and white space anywhere", () => {
    for (const line of [
      '{"t":[],"e":5,"v":1,"m":"a"}',
      '\n{ "other" : {"m":1}, "v" : 1 ,\n "m":"a", "e":5,\t"t":[]\n}\r\n',
      '  {"timestamp":1,"level":"INFO","m":"a","v":1.0,"e":5,"t":[]}',
    ]) {
      expect(readMetricLine(line)).toEqual({
        name: "a",
        points: [{ timeUnixSeconds: 5, values: [1] }],
        tags: [],
        isLine: true,
      });
      expect(looks(["a log", line, "another"])).toEqual([false, true, false]);
    }
  });

  it.each([
    '{"m":"a","v":1,"e":5}',
    '{"m":"a","v":"1","e":5,"t":[]}',
    '{"m":"a","v":true,"e":5,"t":[]}',
    '{"m":"a","v":null,"e":5,"t":[]}',
    '{"m":"a","v":NaN,"e":5,"t":[]}',
    '{"m":"a","v":1e999,"e":5,"t":[]}',
    '{"m":"a","v":1,"e":5,"t":"env:dev"}',
    '{"m":"a","v":1,"e":5,"t":[{"a":1}]}',
    '{"m":"a","v":1,"e":"now","t":[]}',
    '{"m":"a","v":1,"e":1e300,"t":[]}',
    '{"m":"","v":1,"e":5,"t":[]}',
    '{"m":7,"v":1,"e":5,"t":[]}',
    '[{"m":"a","v":1,"e":5,"t":[]}]',
    '{"log":{"m":"a","v":1,"e":5,"t":[]}}',
    '{"__proto__":{"m":"a","v":1,"e":5,"t":[]}}',
    '{"m":"a","v":1,"e":5,"t":[]',
    '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"latency":5}',
    '"m" "v" "e" "t"',
  ])("is not %s", (line) => {
    expect(readMetricLine(line)).toBeUndefined();
  });

  it("is never missed by the cheap look", () => {
    const line = fc.oneof(metricLine, fc.string(), fc.json(), fc.constant('{"v":1}'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (messages) => {
        const seen = looks(messages);
        for (const [index, message] of messages.entries()) if (readMetricLine(message)) expect(seen[index]).toBe(true);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("is looked for in lines of JSON without being parsed", () => {
    expect(looks(['{"level":"INFO","message":"a log"}', '{"v":1,"m":2}', "v", '{"valve":{"m":"e"},"t":[]}'])).toEqual(
      Array(4).fill(false),
    );
  });

  it("keeps tags as texts", () => {
    expect(metricOf({ m: "a", v: 1, e: 5, t: ["a:b", 1, true] })?.tags).toEqual(["a:b", "1", "true"]);
  });
});
