import { readEvent } from "../../src/sources/index.ts";
import type { LogEventBatch } from "../../src/telemetry.ts";
import { decodedEvents } from "../helpers/events.ts";
import { itemsOf, sampleEvent } from "../helpers/items.ts";

const GUARD_DUTY = sampleEvent("eventbridge-guardduty");
const OWN = {
  ddsource: "guardduty",
  ddsourcecategory: "aws",
  ddtags: "forwardername:forwarder,forwarder_version:1.2.3",
  service: "guardduty",
  aws: { invoked_function_arn: "arn:aws:lambda:eu-west-1:999999999999:function:Forwarder" },
};

async function batchesOf(event: unknown): Promise<LogEventBatch[]> {
  const batches: LogEventBatch[] = [];
  for await (const part of readEvent(event, () => 0)) batches.push(...part.batches);
  return batches;
}

describe("an EventBridge event", () => {
  it("is one item for Datadog: its own members, and behind them what every log of the forwarder says", async () => {
    expect(await itemsOf(GUARD_DUTY)).toEqual([{ ...GUARD_DUTY, ...OWN }]);
  });

  it("tells account, region, id and time", async () => {
    const [batch] = await batchesOf(GUARD_DUTY);
    expect(batch?.owner).toBe("123456789012");
    expect(batch?.resource).toEqual({
      source: "guardduty",
      attributes: {
        "cloud.provider": "aws",
        "cloud.account.id": "123456789012",
        "cloud.region": "eu-west-1",
        "service.name": "guardduty",
      },
      tags: [],
      functionTags: [],
      hasObjects: true,
    });
    const [event] = decodedEvents(batch ? [batch] : []);
    expect(event).toMatchObject({ id: GUARD_DUTY.id, timestamp: Date.parse(GUARD_DUTY.time) });
    expect(JSON.parse(event?.message ?? "")).toEqual(GUARD_DUTY);
  });

  it.each<[unknown, string]>([
    ["aws.guardduty", "guardduty"],
    ["aws.partner/example.com/x", "partner/example"],
    ["com.thinker.orders", "thinker"],
    ["orders", "cloudwatch"],
    ["aws.", "cloudwatch"],
    [undefined, "cloudwatch"],
    [7, "cloudwatch"],
  ])("of source %j has the ddsource and service %s", async (source, ddsource) => {
    expect(await itemsOf({ ...GUARD_DUTY, source })).toMatchObject([{ ddsource, service: ddsource }]);
  });

  it("has no host, as nothing tells one", async () => {
    const [item] = await itemsOf(GUARD_DUTY);
    expect(item).not.toHaveProperty("host");
    expect(item?.aws).not.toHaveProperty("awslogs");
  });

  it("gets the source and the service that settings name", async () => {
    const [item] = await itemsOf(GUARD_DUTY, { DD_SOURCE: "own", DD_TAGS: "service:security,team:a" });
    expect(item).toMatchObject({ source: "aws.guardduty", ddsource: "own", service: "security" });
    expect(item?.ddtags).toBe(
      "service:security,team:a,forwardername:forwarder,forwarder_version:1.2.3,source_overridden:true",
    );
  });

  it("is read where it is only a detail", async () => {
    expect(await itemsOf({ detail: { a: 1 } })).toMatchObject([{ detail: { a: 1 }, ddsource: "cloudwatch" }]);
  });

  it("does not lose what has the names of the forwarder's own members, nor fail because of it", async () => {
    const odd = { ...GUARD_DUTY, ddtags: "team:own", host: "h", service: "s", aws: 1 };
    const [item] = await itemsOf(odd);
    expect(item).toMatchObject({ detail: GUARD_DUTY.detail, service: "guardduty", host: "h" });
    expect(item?.ddtags).toBe("forwardername:forwarder,forwarder_version:1.2.3,team:own");
  });

  it("of S3 that tells of another end of an object is a log", async () => {
    const detail = { bucket: { name: "b" }, object: { key: "k" } };
    const event = { ...GUARD_DUTY, source: "aws.s3", "detail-type": "Object Restore Completed", detail };
    expect(await itemsOf(event)).toMatchObject([{ ddsource: "s3", detail }]);
  });

  it("of S3 that tells of no object is a log", async () => {
    expect(await itemsOf({ ...GUARD_DUTY, source: "aws.s3", detail: { bucket: { name: "b" } } })).toMatchObject([
      { ddsource: "s3" },
    ]);
  });
});
