import type { LogEventBatch } from "../../src/telemetry.ts";
import { resourceOf } from "../../src/transforms/resource.ts";
import { A_STREAM } from "../helpers/deliveries.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

const GUID = "0123456789abcdef0123456789abcdef";

function aBatch(logGroup: string, logStream = A_STREAM): LogEventBatch {
  return { owner: "123456789012", logGroup, logStream, slice: { bytes: Buffer.alloc(0), text: "" }, logEvents: [] };
}

describe("the resource of a log stream", () => {
  it("is the Lambda function, its account that of the delivery and its region that of the forwarder", () => {
    expect(resourceOf(aBatch("/aws/lambda/Thinker"), A_FORWARDER)).toEqual({
      source: "lambda",
      attributes: {
        "cloud.provider": "aws",
        "cloud.account.id": "123456789012",
        "cloud.region": "eu-west-1",
        "cloud.resource_id": "arn:aws:lambda:eu-west-1:123456789012:function:thinker",
        "aws.log.group.names": "/aws/lambda/Thinker",
        "aws.log.stream.names": A_STREAM,
        "faas.name": "thinker",
        "faas.instance": A_STREAM,
        "service.name": "thinker",
      },
      tags: [],
      functionTags: [],
    });
  });

  it("is in the region of the bucket that it came through, where that is another", () => {
    const { attributes } = resourceOf({ ...aBatch("/aws/lambda/Thinker"), region: "us-east-2" }, A_FORWARDER);
    expect(attributes).toMatchObject({
      "cloud.region": "us-east-2",
      "cloud.resource_id": "arn:aws:lambda:us-east-2:123456789012:function:thinker",
    });
  });

  it.each([
    ["/custom/group", `2026/11/21/thinker[$LATEST]${GUID}`, "thinker"],
    ["/custom/group", `2026/11/21/my_Thinker-2[42]${GUID}`, "my_thinker-2"],
    ["/custom/group", `2026/11/21/thinker[$LATEST.PUBLISHED]${GUID}`, "thinker"],
    ["/aws/lambda/one", `2026/11/21/two[$LATEST]${GUID}`, "two"],
    ["/aws/lambda/one", `2026/11/21/[$LATEST]${GUID}`, "one"],
    ["/aws/lambda/us-east-1.edge", `2026/11/21/[7]${GUID}`, "us-east-1.edge"],
  ])("of log group %s and stream %s is function %s", (logGroup, logStream, name) => {
    expect(resourceOf(aBatch(logGroup, logStream), A_FORWARDER).attributes["faas.name"]).toBe(name);
  });

  it.each([
    ["/custom/group", `2026/11/21/[$LATEST]${GUID}`],
    ["/custom/group", `2026/11/21/thinker[latest]${GUID}`],
    ["/custom/group", `x2026/11/21/thinker[$LATEST]${GUID}`],
    ["/aws/lambda/", "stream"],
    ["", ""],
  ])("of log group %j and stream %j is no function", (logGroup, logStream) => {
    const { attributes, source } = resourceOf(aBatch(logGroup, logStream), A_FORWARDER);
    expect(attributes).not.toHaveProperty(["faas.name"]);
    expect(attributes).not.toHaveProperty(["cloud.resource_id"]);
    expect(source).toBe("cloudwatch");
  });

  it.each([
    ["/aws/kinesis/stream", "s", "kinesis"],
    ["/AWS/Kinesis/stream", "s", "kinesis"],
    ["/aws/lambda-insights", "s", "cloudwatch"],
    ["/aws/ecs/containerinsights/x/performance", "s", "cloudwatch"],
    ["audit", "123456789012_cloudtrail_eu-west-1", "cloudwatch"],
    ["x/sns/topic", "s", "cloudwatch"],
    ["sns/eu-west-1/123456789012/topic", "s", "sns"],
    ["aws-CloudTrail-logs", "s", "cloudtrail"],
    ["audit", "123456789012_CloudTrail_eu-west-1", "cloudtrail"],
    ["/aws/rds/instance/x", "s", "cloudwatch"],
  ])("of log group %s and stream %s has source %s", (logGroup, logStream, source) => {
    const resource = resourceOf(aBatch(logGroup, logStream), A_FORWARDER);
    expect([resource.source, resource.attributes["service.name"]]).toEqual([source, source]);
  });

  it.each([
    ["/aws/lambda/cloudtrail-reader", A_STREAM],
    ["cloudtrail", `2026/11/21/thinker[$LATEST]${GUID}`],
    ["/AWS/Lambda/Thinker", A_STREAM],
  ])("of log group %s and stream %s is a function's, whatever its name", (logGroup, logStream) => {
    expect(resourceOf(aBatch(logGroup, logStream), A_FORWARDER).source).toBe("lambda");
  });

  it("has the source that is given for everything, and a function stays a function", () => {
    const found = resourceOf(aBatch("/aws/lambda/Thinker"), A_FORWARDER);
    expect(resourceOf(aBatch("/aws/lambda/Thinker"), A_FORWARDER, "nodejs")).toEqual({ ...found, source: "nodejs" });
    const { source, attributes } = resourceOf(aBatch("/ecs/nginx"), A_FORWARDER, "nginx");
    expect([source, attributes["service.name"]]).toEqual(["nginx", "nginx"]);
  });

  it("is in the forwarder's partition", () => {
    const china = { ...A_FORWARDER, functionArn: "arn:aws-cn:lambda:cn-north-1:1:function:f", region: "cn-north-1" };
    const { attributes } = resourceOf(aBatch("/aws/lambda/f"), china);
    expect(attributes["cloud.resource_id"]).toBe("arn:aws-cn:lambda:cn-north-1:123456789012:function:f");
  });

  it("is in the usual partition when the forwarder does not know its own", () => {
    const { attributes } = resourceOf(aBatch("/aws/lambda/f"), { ...A_FORWARDER, functionArn: "" });
    expect(attributes["cloud.resource_id"]).toMatch(/^arn:aws:lambda:/);
  });
});
