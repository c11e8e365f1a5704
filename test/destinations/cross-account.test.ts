import { destinationsFor } from "../../src/destinations/index.ts";
import { otlpLogs } from "../../src/destinations/otlp-logs.ts";
import { otlpTraces } from "../../src/destinations/otlp-traces.ts";
import { logArnsOf } from "../../src/formats/log-arns.ts";
import type { ResourceTelemetry } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { A_STREAM } from "../helpers/deliveries.ts";
import { decodeOtlp, plain } from "../helpers/otlp-published.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

const OWNER = "111122223333";
const GROUP = "/aws/lambda/thinker";
const ARN = `arn:aws:lambda:eu-west-1:${OWNER}:function:thinker`;
const OF_GROUP = `arn:aws:logs:eu-west-1:${OWNER}:log-group:${GROUP}`;

function logItem(telemetry: ResourceTelemetry) {
  const [logs] = destinationsFor(aConfig(), A_FORWARDER).filter(({ name }) => name === "datadog-logs");
  const [body] = bodiesFor(logs as NonNullable<typeof logs>, [telemetry]);
  return JSON.parse(String(body?.body))[0];
}

describe("what comes from another account", () => {
  it("says so on Datadog, beside the forwarder's own", () => {
    const item = logItem(telemetryOf(["a log"], { owner: OWNER, logGroup: GROUP }));
    expect(item.aws).toEqual({
      awslogs: { logGroup: GROUP, logStream: A_STREAM, owner: OWNER },
      invoked_function_arn: A_FORWARDER.invokedFunctionArn,
    });
    expect([item.lambda, item.host]).toEqual([{ arn: ARN }, ARN]);
    expect(item.ddtags.split(",")).toEqual(expect.arrayContaining([`aws_account:${OWNER}`, "forwardername:forwarder"]));
    expect(logItem(telemetryOf(["a log"], { owner: OWNER, logGroup: "vpc", logStream: "eni-1" })).aws).toMatchObject({
      awslogs: { owner: OWNER },
      invoked_function_arn: A_FORWARDER.invokedFunctionArn,
    });
  });

  it("says so in OpenTelemetry's names, of logs and of spans", () => {
    const telemetry = telemetryOf(["a log", aPayload({})], { owner: OWNER, logGroup: GROUP });
    const settings = { backend: "otlp", url: "https://collector", protocol: "http/protobuf" } as const;
    const identity = {
      "cloud.account.id": OWNER,
      "cloud.region": "eu-west-1",
      "cloud.resource_id": ARN,
      "aws.log.group.arns": [`${OF_GROUP}:*`],
      "aws.log.stream.arns": [`${OF_GROUP}:log-stream:${A_STREAM}`],
    };
    const logs = otlpLogs(
      { ...settings, name: "otlp-logs" },
      { jsonLogs: "string", tags: "", source: "" },
      A_FORWARDER,
    );
    const [ofLogs] = bodiesFor(logs, [telemetry]);
    const { resourceLogs } = decodeOtlp("logs", ofLogs?.body as Uint8Array);
    expect(plain(resourceLogs[0].resource.attributes)).toMatchObject(identity);
    const [ofSpans] = bodiesFor(otlpTraces({ ...settings, name: "otlp-traces" }, { tags: "", source: "" }), [
      telemetry,
    ]);
    const { resourceSpans } = decodeOtlp("traces", ofSpans?.body as Uint8Array);
    expect(plain(resourceSpans[0].resource.attributes)).toMatchObject(identity);
  });

  it("names log groups in the partition of their region, and none where the account or the region is unknown", () => {
    const { resource } = telemetryOf(["a log"], { owner: OWNER, logGroup: "vpc", logStream: "" });
    const inRegion = (region: string) =>
      logArnsOf({ ...resource, attributes: { ...resource.attributes, "cloud.region": region } });
    expect(inRegion("cn-north-1")).toEqual({
      "aws.log.group.arns": [`arn:aws-cn:logs:cn-north-1:${OWNER}:log-group:vpc:*`],
    });
    expect(inRegion("us-gov-west-1")["aws.log.group.arns"]?.[0]).toMatch(/^arn:aws-us-gov:logs:us-gov-west-1:/);
    expect(inRegion("")).toEqual({});
    expect(logArnsOf(telemetryOf(["a log"], { owner: "" }).resource)).toEqual({});
  });
});
