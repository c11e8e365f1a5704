import { otlpDestinations } from "../../src/destinations/otlp-destinations.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { functionSpans } from "../../src/transforms/function-spans.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { A_REQUEST } from "../helpers/deliveries.ts";
import { anOtlpSpan, resourceSpans } from "../helpers/otlp.ts";
import { jsonOfSpans } from "../helpers/otlp-encoders.ts";
import { type Decoded, decodeOtlp, type OtlpSignal, plain } from "../helpers/otlp-published.ts";
import { aPayload } from "../helpers/payloads.ts";
import { aRequest } from "../helpers/platform-lines.ts";
import { A_FORWARDER, telemetryOf } from "../helpers/telemetry.ts";

const SIGNALS: OtlpSignal[] = ["logs", "traces", "metrics"];

/** The resource of each signal that some telemetry gives, with the tags and the source that settings name. */
async function resourcesOf(telemetry: ResourceTelemetry, tags = "", source = ""): Promise<Record<string, unknown>[]> {
  const to = { backend: "otlp", url: "https://collector/", protocol: "http/protobuf", timeoutMs: 1_000 } as const;
  const signals = SIGNALS.map((signal) => ({ ...to, signal }));
  const destinations = otlpDestinations({ signals, tags, source, jsonLogs: "string" }, A_FORWARDER);
  const resources: Record<string, unknown>[] = [];
  for (const destination of destinations) {
    await destination.prepare?.(telemetry);
    for (const { body } of bodiesFor(destination, [telemetry])) {
      const decoded = decodeOtlp(destination.kind, body);
      const list: Decoded[] = decoded.resourceLogs ?? decoded.resourceSpans ?? decoded.resourceMetrics;
      resources.push(...list.map(({ resource }) => plain(resource?.attributes)));
    }
  }
  return resources;
}

const aMetric = { name: "n", points: [{ timeUnixSeconds: 1, values: [1] }], tags: [], isLine: true };

describe("one log stream over OTLP", () => {
  it("is one resource for its logs, the spans of its requests and its metrics", async () => {
    const telemetry = functionSpans()(telemetryOf(aRequest(["a"])));
    const tagged = {
      ...telemetry,
      resource: { ...telemetry.resource, tags: ["team:a"], functionTags: ["owner:b"] },
      metrics: [aMetric],
    };
    const [logs, traces, metrics] = await resourcesOf(tagged, "service:mine,env:prod", "own");
    expect(logs).toMatchObject({
      "service.name": "mine",
      "deployment.environment.name": "prod",
      "datadog.log.source": "own",
      "aws.log.group.names": ["/aws/lambda/thinker-microservice"],
      "cloud.platform": "aws_lambda",
      team: "a",
      owner: "b",
    });
    expect(metrics).toEqual(logs);
    const { "faas.version": _, "faas.max_memory": __, ...known } = traces as Record<string, unknown>;
    expect(known).toEqual(logs);
  });

  it("is that of a tracer's spans and of the logs linked to them, but for the tracer", async () => {
    const telemetry = telemetryOf([
      `START RequestId: ${A_REQUEST} Version: $LATEST`,
      aPayload({ service: "thoughts", meta: { request_id: A_REQUEST, env: "dev", version: "7" } }),
      `END RequestId: ${A_REQUEST}`,
    ]);
    const [logs, traces] = await resourcesOf(telemetry, "service:mine,env:prod,team:a");
    expect(logs).toMatchObject({
      "service.name": "thoughts",
      "deployment.environment.name": "dev",
      "service.version": "7",
      team: "a",
    });
    expect(traces).toEqual({ ...logs, "telemetry.sdk.name": "datadog" });
  });

  it("leaves an SDK's resource as the SDK says it, and adds the given tags", async () => {
    const spans = jsonOfSpans([resourceSpans([anOtlpSpan()], { "service.name": "orders" })]);
    expect(await resourcesOf(telemetryOf([spans]), "service:mine,team:a")).toEqual([
      { "service.name": "orders", team: "a" },
    ]);
  });
});
