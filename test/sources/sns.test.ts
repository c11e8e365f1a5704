import { readEvent } from "../../src/sources/index.ts";
import type { LogEventBatch } from "../../src/telemetry.ts";
import { decodedEvents } from "../helpers/events.ts";
import { itemsOf, sampleEvent } from "../helpers/items.ts";

const EVENT = sampleEvent("sns-notifications");
const withMessage = (Message: unknown) => ({
  Records: [EVENT.Records[0], { ...EVENT.Records[1], Sns: { ...EVENT.Records[1].Sns, Message } }],
});

describe("notifications of SNS", () => {
  it("are an item each for Datadog: the record's own members, and behind them what every log says", async () => {
    const own = {
      ddsource: "sns",
      ddsourcecategory: "aws",
      ddtags: "forwardername:forwarder,forwarder_version:1.2.3",
      service: "sns",
      aws: { invoked_function_arn: "arn:aws:lambda:eu-west-1:999999999999:function:Forwarder" },
    };
    expect(await itemsOf(EVENT)).toEqual(EVENT.Records.map((record: object) => ({ ...record, ...own })));
  });

  it("tell the topic's account and region, their ids and times", async () => {
    const batches: LogEventBatch[] = [];
    for await (const part of readEvent(EVENT, () => 0)) batches.push(...part.batches);
    expect(batches.map(({ owner }) => owner)).toEqual(["123456789012"]);
    expect(batches[0]?.resource?.attributes).toMatchObject({
      "cloud.account.id": "123456789012",
      "cloud.region": "eu-west-1",
      "aws.sns.topic.arn": "arn:aws:sns:eu-west-1:123456789012:alerts",
    });
    expect(decodedEvents(batches).map(({ id, timestamp }) => [id, timestamp])).toEqual(
      EVENT.Records.map(({ Sns }: { Sns: Record<string, string> }) => [Sns.MessageId, Date.parse(Sns.Timestamp ?? "")]),
    );
  });

  it("get the source that DD_SOURCE names, as their tags say", async () => {
    const [item] = await itemsOf(EVENT, { DD_SOURCE: "alerts" });
    expect(item).toMatchObject({ ddsource: "alerts", service: "alerts" });
    expect(item?.ddtags).toContain("source_overridden:true");
  });

  it("are logs whatever stands in them", async () => {
    const messages = [
      null,
      7,
      "{",
      '{"Records":[]}',
      '{"Records":[null]}',
      "aws:s3",
      '["aws:s3"]',
      '{"Records":"aws:s3"}',
    ];
    for (const message of messages) {
      expect(await itemsOf(withMessage(message))).toMatchObject([{}, { Sns: { Message: message } }]);
    }
    expect(await itemsOf({ Records: [EVENT.Records[0], { a: 1 }, "text"] })).toMatchObject([
      {},
      { a: 1, ddsource: "sns" },
      { message: '"text"', ddsource: "sns" },
    ]);
  });
});
