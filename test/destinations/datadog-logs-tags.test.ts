import { ByteWriter } from "../../src/destinations/byte-writer.ts";
import { datadogLogs } from "../../src/destinations/datadog-logs.ts";
import type { Resource } from "../../src/telemetry.ts";
import { withTags } from "../../src/transforms/resource-tags.ts";
import type { EnvelopeGiven } from "../helpers/deliveries.ts";
import { A_FORWARDER, aConfig, telemetryOf } from "../helpers/telemetry.ts";

type Tags = Partial<Pick<Resource, "tags" | "functionTags">>;

const OWN = "forwardername:forwarder,forwarder_version:1.2.3";
const OF_FUNCTION = "aws_account:123456789012,functionname:thinker-microservice,region:eu-west-1";
const NO_FUNCTION = { logGroup: "/ecs/thinker", logStream: "a" };

describe("the ddtags of a log, with AWS's tags", () => {
  it("are those of DD_TAGS, the forwarder and the log group, then the function's in order", async () => {
    const { ddtags } = await itemOf({ tags: ["z:1", "a:2"], functionTags: ["team:b", "cost:3", "z:1"] }, "team:a");
    expect(ddtags).toBe(
      `team:a,${OWN},z:1,a:2,env:none,aws_account:123456789012,cost:3,functionname:thinker-microservice,region:eu-west-1,service:thinker-microservice,team:b,z:1`,
    );
  });

  it("name a function, an account or a region that is also a tag of the function once", async () => {
    const { ddtags } = await itemOf({ functionTags: ["region:eu-west-1", "team:a", "team:a"] });
    expect(ddtags).toBe(`${OWN},env:none,${OF_FUNCTION},service:thinker-microservice,team:a`);
  });

  it.each([
    [{ functionTags: ["env:prod"] }, ""],
    [{ tags: ["env:prod"] }, ""],
    [{}, "env:prod"],
  ])("have no env:none, nor an empty tag in its place, where %j and DD_TAGS %j have an env", async (tags, given) => {
    const { ddtags } = await itemOf(tags, given);
    expect(ddtags.split(",").filter((tag) => tag.startsWith("env:") || tag === "")).toEqual(["env:prod"]);
  });

  it("keep env:none where a tag only begins like an env", async () => {
    expect((await itemOf({ functionTags: ["environment:prod"] })).ddtags).toContain(",env:none,");
  });

  it.each([
    [{ functionTags: ["service:own", "team:a"] }, "own"],
    [{ functionTags: ["service:own", "service:other"] }, "own"],
    [{ tags: ["service:group"], functionTags: ["service:own"] }, "group"],
    [{ tags: ["service:a:b"] }, "a:b"],
  ])("with %j have one service, %s, that of the log", async (tags, service) => {
    const item = await itemOf(tags);
    expect(item.service).toBe(service);
    expect(item.ddtags.split(",").filter((tag) => tag.startsWith("service:"))).toEqual([`service:${service}`]);
  });

  it("of what is no function end with the log group's", async () => {
    const item = await itemOf({ tags: ["team:a", "service:group"] }, "", NO_FUNCTION);
    expect(item).toMatchObject({ ddtags: `${OWN},team:a,service:group`, service: "group" });
  });
});

/** What is sent of a log whose resource has those tags. */
async function itemOf(
  given: Tags,
  DD_TAGS = "",
  envelope: EnvelopeGiven = {},
): Promise<{ ddtags: string; service: string }> {
  const telemetry = telemetryOf(["hello"], envelope);
  const resource = await withTags(telemetry.resource, async () => ({ tags: [], functionTags: [], ...given }));
  const writer = new ByteWriter();
  datadogLogs(aConfig({ DD_TAGS }), A_FORWARDER)
    .encode({ ...telemetry, resource })
    .write(0, writer);
  return JSON.parse(writer.view().toString());
}
