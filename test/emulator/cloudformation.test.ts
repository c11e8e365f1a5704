import { cloudFormation } from "./cloudformation.ts";
import type { AwsCall, ResourceType } from "./service.ts";
import type { TemplateResource } from "./template.ts";

describe("a stack", () => {
  it("deletes a resource with it, or keeps it, as the template says", async () => {
    const world = aWorld();
    await world.deploy({ Kept: aThing("Retain"), KeptToo: aThing("RetainExceptOnCreate"), Gone: aThing() });
    await world.call("DeleteStack");
    expect(world.things()).toEqual(["Kept", "KeptToo"]);
    expect(await world.call("DescribeStacks")).toContain("does not exist");
  });

  it("deletes a resource that the template no longer has, or keeps it", async () => {
    const world = aWorld();
    await world.deploy({ Kept: aThing("Retain"), Gone: aThing(), Other: aThing() });
    await world.deploy({ Other: aThing() });
    expect(world.things()).toEqual(["Kept", "Other"]);
    expect(Object.keys(world.stacks.resources("stack"))).toEqual(["Other"]);
  });

  it("keeps the resource that another one takes the place of, when the template says so", async () => {
    const world = aWorld();
    const replaced = { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" };
    await world.deploy({ Kept: { ...aThing(), ...replaced }, Gone: aThing() });
    await world.deploy({
      Kept: { ...aThing(), ...replaced, Properties: { a: 1 } },
      Gone: { ...aThing(), Properties: { a: 1 } },
    });
    expect(world.things()).toEqual(["Kept", "Kept", "Gone"]);
  });

  it("gives up what a failed creation made, unless it is retained in any case", async () => {
    const world = aWorld();
    await world.deploy({ Kept: aThing("Retain"), Gone: aThing("RetainExceptOnCreate"), Bad: { Type: "Unknown" } });
    expect(world.things()).toEqual(["Kept"]);
  });
});

function aThing(DeletionPolicy?: string): TemplateResource {
  return { Type: "Thing", ...(DeletionPolicy && { DeletionPolicy }) };
}

/** CloudFormation with one type of resource, which has no update in place. */
function aWorld() {
  const things = new Map<string, string>();
  const thing: ResourceType = {
    create(_properties, generatedName) {
      things.set(generatedName, generatedName.split("-")[1] ?? "");
      return { physicalId: generatedName };
    },
    delete: (physicalId) => void things.delete(physicalId),
  };
  const place = { region: "eu-west-1", accountId: "123456789012" };
  const stacks = cloudFormation(place, { Thing: thing }, () => Buffer.alloc(0));
  return { stacks, things: () => [...things.values()], call, deploy };

  async function deploy(Resources: Record<string, TemplateResource>) {
    const ChangeSetType = stacks.contents().length === 0 ? "CREATE" : "UPDATE";
    await call("CreateChangeSet", { ChangeSetName: "c", ChangeSetType, TemplateBody: JSON.stringify({ Resources }) });
    await call("ExecuteChangeSet", { ChangeSetName: "c" });
  }

  async function call(Action: string, input: Record<string, string> = {}): Promise<string> {
    const form = new URLSearchParams({ Action, StackName: "stack", ...input });
    const call: AwsCall = {
      service: "cloudformation",
      accessKeyId: "AKIDTEST",
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(form.toString()),
    };
    const { body } = await stacks.answer(call);
    await stacks.idle();
    return String(body);
  }
}
