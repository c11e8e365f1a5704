import fc from "fast-check";
import { tagsOf } from "../../src/destinations/datadog-tags.ts";
import { resourceOf } from "../../src/transforms/resource.ts";
import { A_STREAM } from "../helpers/deliveries.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

interface Given {
  logGroup?: string;
  tags?: string;
  source?: string;
  message?: string;
  aws?: { logGroup?: string[]; function?: string[] };
}

const FORWARDER = "forwardername:forwarder,forwarder_version:1.2.3";
const FUNCTION = "aws_account:123456789012,functionname:thinker,region:eu-west-1";

function tagged({ logGroup = "/aws/lambda/Thinker", tags = "", source = "", message = "", aws = {} }: Given) {
  const slice = { bytes: Buffer.alloc(0), text: "" };
  const batch = { owner: "123456789012", logGroup, logStream: A_STREAM, slice, logEvents: [] };
  const found = { tags: aws.logGroup ?? [], functionTags: aws.function ?? [] };
  const resource = { ...resourceOf(batch, A_FORWARDER, source), ...found };
  return tagsOf(resource, { tags, source }, A_FORWARDER, message);
}

describe("the tags of a log", () => {
  it("stand in the Datadog Forwarder's order", () => {
    expect(tagged({})).toEqual({ ddtags: `${FORWARDER},env:none,${FUNCTION},service:thinker`, service: "thinker" });
    const aws = { logGroup: ["team:logs"], function: ["zone:a", "author:b"] };
    expect(tagged({ tags: "a:b, c", source: "mine", message: "custom:1, other", aws }).ddtags).toBe(
      [
        `a:b,c,${FORWARDER},source_overridden:true,team:logs,env:none`,
        "author:b,aws_account:123456789012,functionname:thinker,region:eu-west-1,service:thinker,zone:a",
        "custom:1,other",
      ].join(","),
    );
  });

  it("of a bucket stand before all others", () => {
    const attributes = { "aws.s3.bucket": "logs", "aws.s3.key": "a/b", "service.name": "s3" };
    const resource = { attributes, source: "s3", tags: ["team:logs", "service:proxy"], functionTags: [] };
    expect(tagsOf(resource, { tags: "a:b,service:own", source: "" }, A_FORWARDER, "")).toEqual({
      ddtags: `team:logs,service:proxy,a:b,${FORWARDER}`,
      service: "proxy",
    });
  });

  it("of what is no function are the given ones and the forwarder's", () => {
    expect(tagged({ logGroup: "/ecs/nginx" })).toEqual({ ddtags: FORWARDER, service: "cloudwatch" });
    expect(tagged({ logGroup: "/ecs/nginx", aws: { function: ["service:x"] } }).service).toBe("cloudwatch");
    expect(tagged({ logGroup: "/ecs/nginx", source: "nginx" }).service).toBe("nginx");
  });

  it.each<[string, Given]>([
    ["message", { message: "service:message", tags: "service:given", aws: { logGroup: ["service:group"] } }],
    ["given", { tags: "service:given", aws: { logGroup: ["service:group"], function: ["service:function"] } }],
    ["group", { aws: { logGroup: ["service:group"], function: ["service:function"] } }],
    ["function", { aws: { function: ["service:function"] } }],
    ["thinker", {}],
    ["a:b", { tags: "service:a:b" }],
    ["thinker", { tags: "service:" }],
  ])("name the service, which is that of %s with %j", (service, given) => {
    const { ddtags, service: found } = tagged(given);
    expect(found).toBe(service);
    expect(ddtags.split(",").filter((tag) => /^service:./.test(tag))).toEqual([`service:${service}`]);
  });

  it("do not keep any but the first of three services in a row", () => {
    expect(tagged({ logGroup: "/ecs/nginx", tags: "service:a,service:b,service:c,x:y" })).toEqual({
      ddtags: `service:a,x:y,${FORWARDER}`,
      service: "a",
    });
  });

  it("keep those whose names only begin like service and env", () => {
    const { ddtags } = tagged({ tags: "services:1,environment:2", message: "service:s,service_tier:3" });
    expect(ddtags).toBe(`services:1,environment:2,${FORWARDER},env:none,${FUNCTION},service:s,service_tier:3`);
  });

  it.each<Given>([
    { tags: "env:prod" },
    { aws: { logGroup: ["env:prod"] } },
    { aws: { function: ["env:prod"] } },
    { message: "env:prod" },
    { message: " env: prod " },
  ])("have no env:none beside the env of %j", (given) => {
    expect(
      tagged(given)
        .ddtags.split(",")
        .filter((tag) => tag.startsWith("env:")),
    ).toEqual(["env:prod"]);
  });

  it("of a function are said once", () => {
    expect(tagged({ aws: { function: ["functionname:thinker", "a:b", "a:b"] } }).ddtags).toBe(
      `${FORWARDER},env:none,a:b,${FUNCTION},service:thinker`,
    );
  });

  it("are never empty, and have one service at most, whatever is given", () => {
    const tags = fc.array(fc.constantFrom("service:a", "service:b", "env:x", "k:v", "", " ", "service"), {
      maxLength: 5,
    });
    const list = tags.map((all) => all.join(","));
    const logGroup = fc.constantFrom("/aws/lambda/f", "/ecs/x");
    const fetched = fc.array(fc.constantFrom("service:c", "env:y", "k:w"), { maxLength: 3 });
    const aws = fc.record({ logGroup: fetched, function: fetched });
    fc.assert(
      fc.property(fc.record({ logGroup, tags: list, message: list, aws }), (given) => {
        const { ddtags, service } = tagged(given);
        const all = ddtags.split(",");
        expect(all).not.toContain("");
        const services = all.filter((tag) => tag.startsWith("service:"));
        expect(services.length).toBeLessThanOrEqual(1);
        if (services[0]) expect(services[0]).toBe(`service:${service}`);
        expect(all.includes("env:none") && all.some((tag) => /^env:[xy]/.test(tag))).toBe(false);
      }),
    );
  });
});
