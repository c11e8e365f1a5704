import fc from "fast-check";
import { datadogMetrics } from "../../src/destinations/datadog-metrics.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import { destinationsFor } from "../../src/destinations/index.ts";
import type { Metric, ResourceTelemetry } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import type { EnvelopeGiven } from "../helpers/deliveries.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

function destinationOf(env: Record<string, string> = {}): Destination {
  return destinationsFor(aConfig(env), A_FORWARDER).find(({ kind }) => kind === "metrics") as Destination;
}

function seriesOf(metrics: Metric[], env: Record<string, string> = {}, given: EnvelopeGiven = {}): unknown[] {
  const telemetry: ResourceTelemetry = { ...telemetryOf(["a log"], given), metrics };
  return bodiesFor(destinationOf(env), [telemetry]).flatMap(({ body }) => JSON.parse(body.toString()).series);
}

const aMetric = (given: Partial<Metric> = {}): Metric => ({
  name: "coffee.value",
  points: [{ timeUnixSeconds: 1_795_226_069, values: [12.45] }],
  tags: ["product:latte"],
  isLine: true,
  ...given,
});

describe("the metrics intake", () => {
  it.each<[Record<string, string>, string]>([
    [{}, "https://api.datadoghq.com/api/v1/distribution_points"],
    [{ DD_SITE: "datadoghq.eu" }, "https://api.datadoghq.eu/api/v1/distribution_points"],
    [{ DD_NO_SSL: "true" }, "http://api.datadoghq.com/api/v1/distribution_points"],
    [{ DD_API_URL: "http://localhost:8126/proxy/" }, "http://localhost:8126/proxy/api/v1/distribution_points"],
  ])("with %j is at %s", (env, url) => {
    expect(destinationOf(env).url).toBe(url);
  });

  it("gets a metric line with the tags of its function's logs", () => {
    expect(seriesOf([aMetric()], { DD_TAGS: "team:a" })).toEqual([
      {
        metric: "coffee.value",
        points: [[1_795_226_069, [12.45]]],
        tags: [
          "product:latte",
          "function_arn:arn:aws:lambda:eu-west-1:123456789012:function:thinker-microservice",
          "team:a",
          "forwardername:forwarder",
          "forwarder_version:1.2.3",
          "env:none",
          "aws_account:123456789012",
          "functionname:thinker-microservice",
          "region:eu-west-1",
          "service:thinker-microservice",
        ],
        type: "distribution",
      },
    ]);
    const [elsewhere] = seriesOf([aMetric()], {}, { logGroup: "/ecs/web", logStream: "web" }) as [{ tags: string[] }];
    expect(elsewhere.tags).toEqual(["product:latte", "forwardername:forwarder", "forwarder_version:1.2.3"]);
  });

  it("gets a metric that was made of logs with its function's own tags, and many values in one series", () => {
    const points = [
      { timeUnixSeconds: 1, values: [0.5, 1] },
      { timeUnixSeconds: 2, values: [3] },
    ];
    const tags = ["memorysize:128", "cold_start:false"];
    expect(seriesOf([aMetric({ points, tags, isLine: false })], { DD_TAGS: "team:a" })).toEqual([
      {
        metric: "coffee.value",
        points: [
          [1, [0.5, 1]],
          [2, [3]],
        ],
        tags: [
          ...tags,
          "region:eu-west-1",
          "account_id:123456789012",
          "aws_account:123456789012",
          "functionname:thinker-microservice",
        ],
        type: "distribution",
      },
    ]);
  });

  it("gets every metric once, in order, within its limits", () => {
    const metric = fc.record({
      name: fc.string({ unit: "binary", minLength: 1, maxLength: 9 }),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    });
    const { limits } = destinationOf();
    fc.assert(
      fc.property(fc.array(metric, { maxLength: 9 }), fc.integer({ min: 1, max: 400 }), (given, copies) => {
        const metrics = given.flatMap(({ name, value }) =>
          Array.from({ length: copies }, () => aMetric({ name, points: [{ timeUnixSeconds: 1, values: [value] }] })),
        );
        const bodies = bodiesFor(destinationOf(), [{ ...telemetryOf(["a log"]), metrics }]);
        for (const { body } of bodies) expect(body.length).toBeLessThanOrEqual(limits.maxBytes);
        const sent = bodies.flatMap(({ body }) => JSON.parse(body.toString()).series);
        const wellFormed = JSON.parse(JSON.stringify(metrics.map(({ name, points }) => [name, points[0]?.values])));
        expect(sent.map(({ metric: name, points }) => [name, points[0][1]])).toEqual(wellFormed);
      }),
      { numRuns: 30 },
    );
  });

  it("is asked for deflate, the one encoding it takes", () => {
    expect(datadogMetrics({ site: "x", apiUrl: "", noSsl: false }, () => [])).toMatchObject({
      name: "datadog-metrics",
      kind: "metrics",
      encoding: "deflate",
    });
  });

  it("is told nothing where there are no metrics", () => {
    expect(bodiesFor(destinationOf(), [telemetryOf(["a log"])])).toEqual([]);
  });
});
