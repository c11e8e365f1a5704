import { otlpLogs } from "../../src/destinations/otlp-logs.ts";
import { createSpanTable } from "../../src/formats/span-table.ts";
import { understand } from "../../src/pipeline.ts";
import { EventWriter } from "../../src/sources/event-writer.ts";
import type { LogEventBatch, Resource, ResourceTelemetry } from "../../src/telemetry.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { type Decoded, decodeOtlp, plain, plainValue } from "../helpers/otlp-published.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

const RESOURCE: Resource = {
  attributes: { "aws.s3.bucket": "logs", "aws.s3.key": "AWSLogs/1/vpcflowlogs/x.log.gz" },
  source: "s3",
  tags: [],
  functionTags: [],
};
const LINE =
  "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK";

/** One log out of an object. */
function telemetryOf(message: string, others?: Record<string, unknown>, resource = RESOURCE): ResourceTelemetry {
  const writer = new EventWriter(resource, "123456789012");
  writer.add(message, others);
  const [batch] = [...writer.take()].flatMap(({ batches }) => batches) as [LogEventBatch];
  return understand(batch, resource, createSpanTable());
}

async function recordOf(telemetry: ResourceTelemetry, jsonLogs: "attributes" | "string" = "attributes") {
  const settings = { name: "otlp-logs", backend: "otlp", url: "https://c/v1/logs", protocol: "http/protobuf" } as const;
  const destination = otlpLogs(settings, { jsonLogs, tags: "", source: "" }, A_FORWARDER);
  await destination.prepare?.(telemetry);
  const [body] = bodiesFor(destination, [telemetry]);
  const request = decodeOtlp("logs", body?.body as Uint8Array);
  const [record] = request.resourceLogs.flatMap(({ scopeLogs }: Decoded) => scopeLogs[0].logRecords);
  return { body: plainValue(record.body), attributes: plain(record.attributes) };
}

describe("a log out of a bucket, for OpenTelemetry", () => {
  it("that is values alone has them by name, and is what it was", async () => {
    const { body, attributes } = await recordOf(telemetryOf(LINE));
    expect(body).toBe(LINE);
    expect(attributes).toMatchObject({ "aws.vpc.flow.srcaddr": "172.31.16.139", "aws.vpc.flow.action": "ACCEPT" });
  });

  it("has the fields that the header of its object names", async () => {
    const flow = { version: "2", srcaddr: "10.0.0.1", action: "-" };
    const { body, attributes } = await recordOf(telemetryOf("2 10.0.0.1 -", { flow }));
    expect(body).toBe("2 10.0.0.1 -");
    expect(attributes).toEqual({ "aws.vpc.flow.version": "2", "aws.vpc.flow.srcaddr": "10.0.0.1" });
  });

  it("has those of a message that was scrubbed", async () => {
    const telemetry = telemetryOf(LINE, { flow: { srcaddr: "172.31.16.139" } });
    for (const log of telemetry.logs) log.body = LINE.replaceAll(/\d+\.\d+\.\d+\.\d+/g, "xxx.xxx.xxx.xxx");
    expect((await recordOf(telemetry)).attributes).toMatchObject({ "aws.vpc.flow.srcaddr": "xxx.xxx.xxx.xxx" });
  });

  it("of CloudFront has the fields that were chosen for it, in a header or as JSON", async () => {
    const cloudfront = { "c-ip": "192.0.2.1", "cs(User-Agent)": "curl/8", asn: "-" };
    const expected = { "aws.cloudfront.c-ip": "192.0.2.1", "aws.cloudfront.cs(User-Agent)": "curl/8" };
    const headed = await recordOf(telemetryOf("192.0.2.1\tcurl/8\t-", { cloudfront }));
    expect(headed).toEqual({ body: "192.0.2.1\tcurl/8\t-", attributes: expected });
    const json = await recordOf(telemetryOf(JSON.stringify(cloudfront)));
    expect(json).toEqual({ body: cloudfront, attributes: expected });
  });

  it("stays as it is where it is of another kind, out of no bucket, or where logs are not to be taken apart", async () => {
    const stream = { ...RESOURCE, attributes: { "aws.log.group.names": "flows" } };
    expect((await recordOf(telemetryOf("hello"))).attributes).toEqual({});
    expect((await recordOf(telemetryOf(LINE, undefined, stream))).attributes).toEqual({});
    expect((await recordOf(telemetryOf(LINE), "string")).attributes).toEqual({});
  });
});
