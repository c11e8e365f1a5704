import fc from "fast-check";
import type { Destination } from "../../src/destinations/destination.ts";
import { otlpMetrics } from "../../src/destinations/otlp-metrics.ts";
import type { OtlpSettings } from "../../src/destinations/otlp-settings.ts";
import { storedItemsOf } from "../../src/destinations/stored-items.ts";
import type { Metric } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { decodeMetrics } from "../helpers/otlp-published.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_FORWARDER, telemetryOf } from "../helpers/telemetry.ts";

// biome-ignore lint/suspicious/noExplicitAny: what was decoded is compared, whatever it is
type Json = Record<string, any>;

const PROTOCOLS: OtlpSettings["protocol"][] = ["http/protobuf", "http/json"];

function destinationOf(protocol: OtlpSettings["protocol"] = "http/protobuf"): Destination {
  return otlpMetrics(
    { name: "otlp-metrics", backend: "otlp", url: "https://otlp.example/v1/metrics", protocol },
    { tags: "env:prod", source: "" },
    A_FORWARDER,
  );
}

const aMetric = (given: Partial<Metric> = {}): Metric => ({
  name: "coffee.value",
  points: [{ timeUnixSeconds: 1_795_226_069, values: [12.45] }],
  tags: ["product:latte"],
  isLine: true,
  ...given,
});

async function bodies(metrics: Metric[], protocol?: OtlpSettings["protocol"]): Promise<Buffer[]> {
  const destination = destinationOf(protocol);
  const telemetry = { ...telemetryOf(["a log"]), metrics };
  await destination.prepare?.(telemetry);
  return bodiesFor(destination, [telemetry]).map(({ body }) => body);
}

/** What arrived, of either protocol in the form that protobuf's JSON has. */
async function arrived(metrics: Metric[], protocol: OtlpSettings["protocol"] = "http/protobuf"): Promise<Json[]> {
  const all = await bodies(metrics, protocol);
  return all.flatMap((body): Json[] =>
    protocol === "http/json"
      ? JSON.parse(body.toString()).resourceMetrics
      : (decodeMetrics(body).resourceMetrics as Json[]),
  );
}

async function metricsIn(metrics: Metric[], protocol?: OtlpSettings["protocol"]): Promise<Json[]> {
  return (await arrived(metrics, protocol)).map(({ scopeMetrics }) => {
    expect(scopeMetrics).toHaveLength(1);
    expect(scopeMetrics[0].metrics).toHaveLength(1);
    return scopeMetrics[0].metrics[0];
  });
}

const enhanced = (name: string, ...values: number[]): Metric =>
  aMetric({ name: `aws.lambda.enhanced.${name}`, points: [{ timeUnixSeconds: 1_795_226_069, values }], isLine: false });

describe("metrics over OTLP", () => {
  it("say which resource they are of and what made them", async () => {
    const [protobuf] = await arrived([aMetric()]);
    const [json] = await arrived([aMetric()], "http/json");
    for (const { resource, scopeMetrics } of [protobuf as Json, json as Json]) {
      const attributes = Object.fromEntries(
        resource.attributes.map(({ key, value }: Json) => [
          key,
          value.arrayValue?.values.map((item: Json) => item.stringValue) ?? value.stringValue,
        ]),
      );
      expect(attributes).toMatchObject({
        "cloud.account.id": "123456789012",
        "faas.name": "thinker-microservice",
        "service.name": "thinker-microservice",
        "aws.log.group.names": ["/aws/lambda/thinker-microservice"],
      });
      expect(scopeMetrics[0].scope).toMatchObject({ name: "log-trace-forwarder", version: "1.2.3" });
    }
  });

  it.each([
    ["invocations", "faas.invocations", "{invocation}", "2"],
    ["errors", "faas.errors", "{error}", "2"],
    ["timeouts", "faas.timeouts", "{timeout}", "2"],
    ["out_of_memory", "aws.lambda.enhanced.out_of_memory", "{error}", "2"],
  ])("that count %s are sums of what was added", async (name, otel, unit, sum) => {
    for (const protocol of PROTOCOLS) {
      const [metric] = await metricsIn([enhanced(name, 1, 1)], protocol);
      expect(metric).toMatchObject({
        name: otel,
        unit,
        sum: {
          isMonotonic: true,
          dataPoints: [{ asInt: sum, startTimeUnixNano: "1795226069000000000", timeUnixNano: "1795226070000000000" }],
        },
      });
      expect(metric?.sum.aggregationTemporality).toBe(protocol === "http/json" ? 1 : "AGGREGATION_TEMPORALITY_DELTA");
    }
  });

  it("of costs are sums of fractions", async () => {
    for (const protocol of PROTOCOLS) {
      const [metric] = await metricsIn([enhanced("estimated_cost", 0.25, 0.5)], protocol);
      expect(metric).toMatchObject({ unit: "{USD}", sum: { isMonotonic: true, dataPoints: [{ asDouble: 0.75 }] } });
    }
  });

  it.each([
    ["duration", "faas.invoke_duration", "s", 0.5, 0.5],
    ["init_duration", "faas.init_duration", "s", 0.5, 0.5],
    ["billed_duration", "aws.lambda.enhanced.billed_duration", "s", 0.5, 0.5],
    ["max_memory_used", "faas.mem_usage", "By", 128, 134_217_728],
  ])("of %s are distributions", async (name, otel, unit, value, told) => {
    for (const protocol of PROTOCOLS) {
      const [metric] = await metricsIn([enhanced(name, value)], protocol);
      expect(metric).toMatchObject({
        name: otel,
        unit,
        exponentialHistogram: {
          aggregationTemporality: protocol === "http/json" ? 1 : "AGGREGATION_TEMPORALITY_DELTA",
          dataPoints: [
            {
              count: "1",
              sum: told,
              min: told,
              max: told,
              scale: 20,
              zeroCount: "0",
              startTimeUnixNano: "1795226069000000000",
              timeUnixNano: "1795226070000000000",
            },
          ],
        },
      });
    }
  });

  it("of a metric line keep its name and have its tags as attributes", async () => {
    const tags = ["product:latte", "a:b:c", "bare", "", ":odd", "twice:1", "twice:2", "twice:1", "__proto__:x"];
    const [json] = await metricsIn([aMetric({ tags })], "http/json");
    expect(json?.name).toBe("coffee.value");
    expect(json?.exponentialHistogram.dataPoints[0].attributes).toEqual([
      { key: "product", value: { stringValue: "latte" } },
      { key: "a", value: { stringValue: "b:c" } },
      { key: "bare", value: { stringValue: "" } },
      { key: ":odd", value: { stringValue: "" } },
      { key: "twice", value: { arrayValue: { values: [{ stringValue: "1" }, { stringValue: "2" }] } } },
      { key: "__proto__", value: { stringValue: "x" } },
    ]);
  });

  it("are one point a second", async () => {
    const points = [
      { timeUnixSeconds: 1, values: [1, 2] },
      { timeUnixSeconds: 2, values: [3] },
      { timeUnixSeconds: 1, values: [4] },
    ];
    const [metric] = await metricsIn([{ ...enhanced("errors"), points }]);
    expect(metric?.sum.dataPoints.map((point: Json) => [point.startTimeUnixNano, point.asInt])).toEqual([
      ["1000000000", "7"],
      ["2000000000", "3"],
    ]);
  });

  it("say the same in protobuf and in JSON, whatever their values", async () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
    const metric = fc.record({
      name: fc.constantFrom("x", "é", "aws.lambda.enhanced.errors", "aws.lambda.enhanced.duration"),
      points: fc.array(
        fc.record({
          timeUnixSeconds: fc.integer({ min: 1, max: 99_999_999_999 }),
          values: fc.array(fc.oneof(value, fc.integer()), { minLength: 1, maxLength: 5 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      tags: fc.array(fc.string({ unit: "grapheme", maxLength: 9 }), { maxLength: 3 }),
      isLine: fc.boolean(),
    });
    const property = fc.asyncProperty(fc.array(metric, { maxLength: 4 }), async (metrics) => {
      const [protobuf, json] = await Promise.all(PROTOCOLS.map((protocol) => metricsIn(metrics, protocol)));
      expect(protobuf).toHaveLength(metrics.length);
      expect(protobuf?.map(told)).toEqual(json?.map(told));
      for (const [index, { points }] of metrics.entries()) {
        const { histograms } = told(protobuf?.[index] as Json);
        const count = histograms.reduce((sum: number, point: Json) => sum + Number(point.count), 0);
        const values = points.flatMap((point) => point.values);
        if (histograms.length > 0) expect(count).toBe(values.length);
      }
    });
    await fc.assert(property, { numRuns: propertyRuns(150) });

    function told({ name, unit, sum, exponentialHistogram }: Json): Json {
      return {
        name,
        unit,
        isMonotonic: sum?.isMonotonic,
        sums: sum?.dataPoints.map((point: Json) => [point.timeUnixNano, point.asInt ?? point.asDouble]),
        histograms: (exponentialHistogram?.dataPoints ?? []).map((point: Json) => ({
          times: [point.startTimeUnixNano, point.timeUnixNano],
          of: [point.count, point.sum, point.min, point.max, point.scale, point.zeroCount],
          count: point.count,
          positive: buckets(point.positive),
          negative: buckets(point.negative),
        })),
      };
    }

    function buckets(of: Json | null | undefined): unknown {
      return of && of.bucketCounts.length > 0 ? [of.offset, of.bucketCounts] : [];
    }
  });

  it("can be taken out of a stored body, each as it was", async () => {
    const metrics = [aMetric(), enhanced("errors", 1), aMetric({ name: '"},{' })];
    for (const protocol of PROTOCOLS) {
      const [body] = await bodies(metrics, protocol);
      const items = storedItemsOf("otlp-metrics").itemsIn(body as Buffer);
      expect(items).toHaveLength(3);
      const { opening, separator, closing } = destinationOf(protocol).framing;
      const joined = items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
      expect(Buffer.concat([opening, ...joined, closing]).equals(body as Buffer)).toBe(true);
    }
  });

  it.each(["{", '{"resourceMetrics":[1]}', '{"resourceMetrics":{}}', "\x0a\x05abc", "\x08", "\xff"])(
    "cannot be taken out of a body that is %j",
    (body) => {
      expect(() => storedItemsOf("otlp-metrics").itemsIn(Buffer.from(body, "latin1"))).toThrow("keep it for a person");
    },
  );

  it("are not what a Datadog Forwarder left behind", () => {
    const { items, unreadable } = storedItemsOf("otlp-metrics").leftBehind([{ m: "x" }], (span) => span);
    expect([items.length, unreadable.length]).toEqual([0, 1]);
  });

  it("are sent as the protocol says, and answered so", () => {
    expect(destinationOf()).toMatchObject({
      name: "otlp-metrics",
      backend: "otlp",
      kind: "metrics",
      url: "https://otlp.example/v1/metrics",
      headers: { "content-type": "application/x-protobuf" },
    });
    expect(destinationOf("http/json").headers).toEqual({ "content-type": "application/json" });
    const { outcome } = destinationOf();
    expect(outcome({ status: 200 })).toEqual({ status: "delivered" });
    expect(outcome({ status: 503, retryAfter: "3" })).toMatchObject({ status: "retryable", retryAfter: "3" });
    expect(outcome({ status: 500 }).status).toBe("rejected");
    expect(outcome({ status: 401 })).toMatchObject({ status: "rejected", fault: "credentials" });
    expect(outcome({ error: "ECONNRESET", isSent: false }).status).toBe("retryable");
  });

  it("are nothing where there are none", async () => {
    expect(await bodies([])).toEqual([]);
    expect(destinationOf().prepare?.(telemetryOf(["a log"]))).toBeUndefined();
  });
});
