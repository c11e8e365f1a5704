import { readEvent } from "../../src/sources/index.ts";
import type { ObjectPlace, Part, Reach } from "../../src/sources/source.ts";
import { anEnvelope } from "../helpers/deliveries.ts";
import { eventBridgeEvent, s3Event } from "../helpers/s3-notices.ts";

const CLOUDTRAIL_KEY = "AWSLogs/o-exampleorgid/111122223333/CloudTrail/us-east-2/2026/11/21/x.json.gz";

/** What is read of the objects that an event tells of, and which were asked for. */
async function read(event: object, content: string): Promise<{ parts: Part[]; asked: ObjectPlace[] }> {
  const asked: ObjectPlace[] = [];
  const reach: Reach = {
    async openObject(place) {
      asked.push(place);
      return { etag: "e", pieces: pieces(content) };
    },
    ...{ beginsEvent: undefined, maxObjectBytes: 1e6, isLate: () => false, unfinished: [], canResume: false },
    ...{ answer: undefined, report: () => {} },
  };
  const parts: Part[] = [];
  for await (const part of readEvent(
    event,
    (_, { length }) => length,
    async () => reach,
  )) {
    parts.push(part);
  }
  return { parts, asked };
}

async function* pieces(content: string): AsyncGenerator<Buffer> {
  yield Buffer.from(content);
}

const batchesOf = ({ parts }: { parts: Part[] }) => parts.flatMap(({ batches }) => batches);

describe("the logs in an object", () => {
  it("are of the account and region that AWS wrote them for, whose ever bucket tells of them", async () => {
    const given = await read(eventBridgeEvent(CLOUDTRAIL_KEY), '{"Records":[{"n":1}]}');
    const [batch] = batchesOf(given);
    expect(batch).toMatchObject({
      owner: "111122223333",
      resource: { attributes: { "cloud.account.id": "111122223333", "cloud.region": "us-east-2" } },
    });
    expect(given.asked).toMatchObject([{ region: "eu-west-1", key: CLOUDTRAIL_KEY }]);
  });

  it("are of the bucket's account and region where only the notice says them, as far as it does", async () => {
    const [told] = batchesOf(await read(eventBridgeEvent("k"), "a"));
    const [untold] = batchesOf(await read(s3Event("k"), "a"));
    expect(told?.resource?.attributes).toMatchObject({
      "cloud.account.id": "123456789012",
      "cloud.region": "eu-west-1",
    });
    expect(untold?.resource?.attributes).toMatchObject({ "cloud.region": "eu-west-1" });
    expect(untold?.resource?.attributes).not.toHaveProperty("cloud.account.id");
  });

  it("that CloudWatch Logs delivered keep their owner, and are in the bucket's region", async () => {
    const event = s3Event("export");
    for (const record of event.Records) record.awsRegion = "us-west-2";
    const [batch] = batchesOf(await read(event, anEnvelope(["a"], { owner: "999999999999" })));
    expect(batch).toMatchObject({ owner: "999999999999", region: "us-west-2" });
    expect(batch).not.toHaveProperty("resource");
  });
});
