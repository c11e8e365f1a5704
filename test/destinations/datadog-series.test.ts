import fc from "fast-check";
import { listed, metricItem } from "../../src/destinations/datadog-series.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const texts = fc.array(fc.string({ unit: "binary", maxLength: 8 }), { maxLength: 3 });
const points = fc.array(
  fc.record({ timeUnixSeconds: fc.nat(), values: fc.array(finite, { minLength: 1, maxLength: 3 }) }),
);

describe("a metric as an item of Datadog's intake", () => {
  it("is the JSON of its points, its own tags and its resource's", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), points, texts, texts, (name, given, tags, ofResource) => {
        const item = metricItem({ name, points: given, tags, isLine: true }, listed(ofResource));
        expect(item).toBe(
          JSON.stringify({
            metric: name,
            points: given.map(({ timeUnixSeconds, values }) => [timeUnixSeconds, values]),
            tags: [...tags, ...ofResource],
            type: "distribution",
          }),
        );
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
