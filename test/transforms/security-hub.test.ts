import fc from "fast-check";
import { aDelivery } from "../helpers/deliveries.ts";
import { type Item, itemsOf, sampleEvent } from "../helpers/items.ts";
import { readingOf } from "../helpers/telemetry.ts";

const EVENT = sampleEvent("eventbridge-security-hub");
const [FIRST, SECOND] = EVENT.detail.findings;
const withFindings = (...findings: unknown[]) => ({ ...EVENT, detail: { ...EVENT.detail, findings } });
const findingsOf = async (event: unknown): Promise<unknown[]> =>
  (await itemsOf(event)).map(({ detail }) => (detail as Item).finding);

describe("an event of Security Hub", () => {
  it("becomes a log for each finding, with its resources by type", async () => {
    const { findings: _, ...detail } = EVENT.detail;
    const { Resources: of1, ...first } = FIRST;
    const { Resources: of2, ...second } = SECOND;
    const own = { ddsource: "securityhub", service: "securityhub", source: "aws.securityhub", id: EVENT.id };
    expect(await itemsOf(EVENT)).toMatchObject([
      { ...own, detail: { ...detail, finding: { ...first, resources: { AwsAccount: { Id: of1[2].Id } } } } },
      { ...own, detail: { ...detail, finding: { ...second, resources: { AwsAccount: { Id: of2[0].Id } } } } },
    ]);
    for (const { detail } of await itemsOf(EVENT)) expect(detail).not.toHaveProperty("findings");
  });

  it("does not lose a resource beside another of its type", async () => {
    expect(await findingsOf(EVENT)).toMatchObject([
      {
        resources: {
          AwsS3Bucket: [
            { Id: "arn:aws:s3:::public-one", Region: "eu-west-1" },
            { Id: "arn:aws:s3:::public-two", Region: "eu-west-1" },
          ],
        },
      },
      {},
    ]);
  });

  it("does not lose resources without a type, nor with one that is no text", async () => {
    const Resources = [{ Id: 1 }, { Type: 7, Id: 2 }, { Type: "", Id: 3 }, "text", null, { Type: "__proto__", Id: 4 }];
    const [finding] = (await findingsOf(withFindings({ Resources }))) as [Item];
    expect(Object.entries(finding.resources as Item)).toEqual([
      ["0", { Id: 1 }],
      ["1", { Type: 7, Id: 2 }],
      ["2", { Type: "", Id: 3 }],
      ["3", "text"],
      ["4", null],
      ["__proto__", { Id: 4 }],
    ]);
    expect(finding).not.toHaveProperty("Resources");
  });

  it.each<[string, unknown, unknown]>([
    ["no resources", { Id: 1 }, { Id: 1, resources: {} }],
    ["an empty list of them", { Resources: [] }, { Resources: [], resources: {} }],
    ["resources that are no list", { Resources: "x" }, { Resources: "x", resources: {} }],
    ["resources in the open schema", { resources: [{ uid: "a" }] }, { resources: [{ uid: "a" }] }],
    ["a finding that is no object", "x", "x"],
    ["a finding that is nothing", null, null],
  ])("keeps %s", async (_, finding, expected) => {
    expect(await findingsOf(withFindings(finding))).toEqual([expected]);
  });

  it.each<[string, unknown]>([
    ["no findings", { ...EVENT, detail: { a: 1 } }],
    ["an empty list of findings", withFindings()],
    ["findings that are no list", { ...EVENT, detail: { findings: { a: 1 } } }],
    ["a detail that is no object", { ...EVENT, detail: "x" }],
    ["no detail at all", { ...EVENT, detail: null }],
  ])("with %s stays as it is", async (_, event) => {
    expect(await itemsOf(event)).toMatchObject([event as Item]);
  });

  it("counts as many events as it has findings, so that the books balance", async () => {
    const { events, telemetry } = await readingOf(EVENT);
    expect(events).toBe(2);
    expect(telemetry.flatMap(({ logs }) => logs)).toHaveLength(2);
  });

  it("is not taken apart where that would take memory without bounds", async () => {
    const large = { ...withFindings(...Array(5_000).fill({})), resources: ["x".repeat(5_000)] };
    const { events } = await readingOf(large);
    expect(events).toBe(1);
  });

  it("keeps every value, whatever the findings are", async () => {
    const leaves = (value: unknown): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [value];
    const resource = fc.record(
      { Type: fc.constantFrom("A", "B", "__proto__", "0"), Id: fc.nat() },
      { requiredKeys: ["Id"] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ Title: fc.string(), Resources: fc.array(resource) }), { minLength: 1 }),
        async (findings) => {
          const found = await findingsOf(withFindings(...findings));
          expect(found).toHaveLength(findings.length);
          for (const [index, { Title, Resources }] of findings.entries()) {
            const ids = Resources.map(({ Id }) => Id);
            expect(
              leaves(found[index])
                .filter((leaf) => typeof leaf === "number")
                .sort(),
            ).toEqual(ids.sort());
            expect(leaves(found[index])).toContain(Title);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("in a log group is a message like any other, where nobody expects an object", async () => {
    const message = JSON.stringify(EVENT);
    const items = await itemsOf(aDelivery([message], { logGroup: "/x" }), { DD_SOURCE: "securityhub" });
    expect(items.map((item) => item.message)).toEqual([message]);
  });
});
