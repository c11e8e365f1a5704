import type { Resource } from "../../src/telemetry.ts";
import { withTags } from "../../src/transforms/resource-tags.ts";

const RESOURCE: Resource = {
  attributes: { "service.name": "thinker", "faas.name": "thinker" },
  source: "lambda",
  tags: [],
  functionTags: [],
};

describe("a resource with its tags", () => {
  it("has the tags that are found for its attributes", async () => {
    const found = await withTags(RESOURCE, async ({ "faas.name": name }) => ({
      tags: [`group:${name}`],
      functionTags: [`function:${name}`],
    }));
    expect(found).toEqual({ ...RESOURCE, tags: ["group:thinker"], functionTags: ["function:thinker"] });
  });

  it("is the same where nobody looks", async () => {
    expect(await withTags(RESOURCE)).toBe(RESOURCE);
  });

  it.each([
    [[], ["service:own"], "own"],
    [["service:group"], ["service:own"], "group"],
    [[], ["service:a:b"], "a:b"],
    [[], ["service:first", "service:second"], "first"],
    [["service"], ["servicename:x"], "thinker"],
  ])("with the tags %j and %j of its function has the service %s", async (tags, functionTags, service) => {
    const { attributes } = await withTags(RESOURCE, async () => ({ tags, functionTags }));
    expect(attributes).toEqual({ ...RESOURCE.attributes, "service.name": service });
    expect(RESOURCE.attributes["service.name"]).toBe("thinker");
  });
});
