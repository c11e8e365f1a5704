import { leftMetric, seriesIn } from "../../src/destinations/datadog-stored-metrics.ts";

const bodyOf = (text: string): Uint8Array => Buffer.from(text);
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

describe("stored metrics", () => {
  it("are found in a body, byte for byte", () => {
    const items = seriesIn(bodyOf('{"series":[{"metric":"a]}"},{"metric":"b","tags":["{"]}]}'));
    expect(items.map(textOf)).toEqual(['{"metric":"a]}"}', '{"metric":"b","tags":["{"]}']);
    expect(seriesIn(bodyOf('{"series":[]}'))).toEqual([]);
  });

  it.each([
    "",
    "{",
    "[]",
    '{"series":',
    '{"series":}',
    '{"series":[1]}',
    '{"series":[{}]}x',
    '{"series":[{}',
    '[{"series":[]}',
  ])("are not looked for in %j", (text) => {
    expect(() => seriesIn(bodyOf(text))).toThrow("is no JSON list of series");
  });

  it("that a Datadog Forwarder left behind become items, with the tags they have", () => {
    const left = { m: "coffee.value", v: 12.45, e: 1_795_226_069, t: ["product:latte", "env:dev"] };
    expect(JSON.parse(textOf(leftMetric(left)))).toEqual({
      metric: "coffee.value",
      points: [[1_795_226_069, [12.45]]],
      tags: ["product:latte", "env:dev"],
      type: "distribution",
    });
  });

  it.each([null, "text", 5, [], {}, { m: "a", v: "1", e: 5, t: [] }])("are not %j", (element) => {
    expect(leftMetric(element)).toBeUndefined();
  });
});
