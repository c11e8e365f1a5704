import { customResources } from "./custom-resources.ts";
import type { Subscribers } from "./logs.ts";
import type { AwsCall, Properties } from "./service.ts";

const place = { region: "eu-west-1", accountId: "123456789012" };

describe("an emulated custom resource", () => {
  it("is what its function puts to the URL, whose requests have texts and what was before", async () => {
    const { type, seen } = aWorld({ Status: "SUCCESS", Data: { Answer: "42" } });
    expect(await type.create({ ServiceToken: "f", Count: 1, On: true }, "any")).toEqual({
      physicalId: "its-id",
      attributes: { Answer: "42" },
    });
    await type.update?.("its-id", { ServiceToken: "f", Count: 2 });
    await type.delete("its-id", { ServiceToken: "f", Count: 2 });
    expect(seen).toMatchObject([
      { RequestType: "Create", ResourceProperties: { Count: "1", On: "true" } },
      { RequestType: "Update", PhysicalResourceId: "its-id", OldResourceProperties: { Count: 1 } },
      { RequestType: "Delete", PhysicalResourceId: "its-id" },
    ]);
  });

  it("fails with the reason that the function gives", async () => {
    const { type } = aWorld({ Status: "FAILED", Reason: "no right" });
    await expect(type.create({ ServiceToken: "f" }, "any")).rejects.toThrow("no right");
  });

  it("takes an answer once, where one is waited for", async () => {
    const { put } = aWorld({ Status: "SUCCESS" });
    await expect(put("/custom-resources/nobody", {})).rejects.toThrow("Nobody waits");
  });
});

/** With a function that answers at once. */
function aWorld(answer: Properties) {
  const seen: Properties[] = [];
  const functions: Subscribers = {
    mayBeInvoked: () => true,
    invokeAsync(_, event) {
      const request = event as Properties;
      seen.push(request);
      queueMicrotask(() => put(new URL(request.ResponseURL).pathname, { PhysicalResourceId: "its-id", ...answer }));
    },
  };
  const resources = customResources(place, "http://127.0.0.1", functions);
  const put = (path: string, body: object) =>
    resources.answer({ method: "PUT", path, body: Buffer.from(JSON.stringify(body)) } as AwsCall);
  return {
    seen,
    put,
    type: resources.resourceTypes?.["Custom::"] as NonNullable<typeof resources.resourceTypes>[string],
  };
}
