import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { findLogGroups, type Wanted } from "../../../src/cli/live/find-log-groups.ts";
import { xml } from "../../emulator/protocols.ts";
import { aFollowing } from "./a-following.ts";

let following: Awaited<ReturnType<typeof aFollowing>>;
let cloudFormation: Server | undefined;
beforeEach(async () => {
  following = await aFollowing();
  following.emulator.logs.pages.size = 2;
  for (const name of ["/a", "/aws/lambda/cart", "/aws/lambda/pay", "/aws/lambda/pay-2", "/b"])
    await following.group(name);
});
afterEach(async () => {
  await following.end();
  cloudFormation?.close();
});

const nothing: Wanted = { names: [], patterns: [], stacks: [] };

async function found(wanted: Partial<Wanted>): Promise<string[]> {
  const { clients, say } = following.world;
  return (await findLogGroups({ ...nothing, ...wanted }, clients, say)).groups.map(({ name }) => name);
}

describe("finding log groups", () => {
  it("takes names, functions and ARNs, each once", async () => {
    const arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/pay:*";
    expect(await found({ names: ["/b", "pay", "/aws/lambda/pay", arn] })).toEqual(["/b", "/aws/lambda/pay"]);
  });

  it("finds all pages of what is like a pattern", async () => {
    expect(await found({ patterns: ["/aws/lambda/*"] })).toHaveLength(3);
    expect(await found({ patterns: ["*pay*"] })).toEqual(["/aws/lambda/pay", "/aws/lambda/pay-2"]);
    expect(await found({ patterns: ["*/p*y"] })).toEqual(["/aws/lambda/pay"]);
    await expect(found({ patterns: ["/aws/lambda/x*"] })).rejects.toThrow("no log group is like /aws/lambda/x*");
  });

  it("finds functions and log groups of a stack and of the stacks in it, and says which have none", async () => {
    const nested = "arn:aws:cloudformation:eu-west-1:123456789012:stack/inner/1";
    await withStacks({
      outer: [
        ["AWS::Lambda::Function", "cart"],
        ["AWS::CloudFormation::Stack", nested],
        ["AWS::S3::Bucket", "bucket"],
      ],
      [nested]: [
        ["AWS::Logs::LogGroup", "/b"],
        ["AWS::Lambda::Function", "new-one"],
        ["AWS::CloudFormation::Stack", "outer"],
      ],
    });
    expect(await found({ stacks: ["outer"] })).toEqual(["/b", "/aws/lambda/cart"]);
    expect(following.said).toEqual([expect.stringMatching(/^new-one has no log group yet/)]);
    await expect(found({ stacks: ["missing"] })).rejects.toThrow(
      "there is no stack missing in this account and region",
    );
  });

  it("names log groups like one that is not there", async () => {
    await expect(found({ names: ["/aws/lambda/carts"] })).rejects.toMatchObject({
      message: "there is no log group /aws/lambda/carts in this account and region",
      remedy: expect.stringMatching(/^Like it are:\n {2}\/aws\/lambda\/cart\n/),
    });
  });
});

/** A CloudFormation that lists one resource a page. */
async function withStacks(stacks: Record<string, [type: string, id: string][]>): Promise<void> {
  cloudFormation = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { StackName = "", NextToken = "0" } = Object.fromEntries(new URLSearchParams(body));
    const resources = stacks[StackName];
    const at = Number(NextToken);
    const [ResourceType, PhysicalResourceId] = resources?.[at] ?? [];
    const result = {
      StackResourceSummaries: [{ ResourceType, PhysicalResourceId, LogicalResourceId: "x" }],
      NextToken: at + 1 < (resources?.length ?? 0) ? String(at + 1) : undefined,
    };
    const error = { Error: { Code: "ValidationError", Message: `Stack with id ${StackName} does not exist` } };
    response.writeHead(resources ? 200 : 400, { "content-type": "text/xml" });
    response.end(
      resources ? xml("ListStackResourcesResponse", { ListStackResourcesResult: result }) : xml("ErrorResponse", error),
    );
  });
  await new Promise<void>((resolve) => cloudFormation?.listen(0, "127.0.0.1", resolve));
  const { port } = cloudFormation.address() as AddressInfo;
  process.env.AWS_ENDPOINT_URL_CLOUDFORMATION = `http://127.0.0.1:${port}`;
}
