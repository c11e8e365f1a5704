import { readTelemetry } from "../../src/pipeline.ts";
import { itemsOf, sampleEvent } from "../helpers/items.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER, readingOf } from "../helpers/telemetry.ts";

const EVENT = sampleEvent("sqs-messages");
const [FIRST, SECOND] = EVENT.Records;
const S3_NOTIFICATION = JSON.stringify({ Records: [{ eventSource: "aws:s3", s3: { object: { key: "hunter2" } } }] });
const OVER_SNS = JSON.stringify({ Type: "Notification", Message: S3_NOTIFICATION });
const withBodies = (...bodies: unknown[]) => ({
  Records: bodies.map((body, index) => ({ ...FIRST, messageId: `m${index}`, body })),
});

describe("messages of SQS", () => {
  it("are a log each: the body, with id, time and queue", async () => {
    const own = {
      ddsource: "sqs",
      ddsourcecategory: "aws",
      ddtags: "forwardername:forwarder,forwarder_version:1.2.3",
      service: "sqs",
      aws: { invoked_function_arn: "arn:aws:lambda:eu-west-1:999999999999:function:Forwarder" },
      eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:thoughts",
    };
    expect(await itemsOf(EVENT)).toEqual([
      { ...own, id: FIRST.messageId, timestamp: 1_795_226_069_000, message: "a thought that waited" },
      {
        ...own,
        id: SECOND.messageId,
        timestamp: 1_795_226_069_500,
        message: '{"level":"warn","msg":"a thought in JSON"}',
        messageAttributes: SECOND.messageAttributes,
        ddtags: "forwardername:forwarder,forwarder_version:1.2.3,team:thinkers",
      },
    ]);
  });

  it("that are trace lines are traces", async () => {
    const { events, telemetry } = await readingOf(withBodies("a log", aPayload({}), "another"));
    expect(events).toBe(3);
    expect(telemetry).toMatchObject([{ logs: [{}, {}], tracePayloads: [{}] }]);
  });

  it("are logs whatever stands in them", async () => {
    const bodies = ["", "{", "null", "[]", '{"Records":[]}', '{"Records":[{"eventSource":"aws:sns"}]}', "of aws:s3"];
    expect((await itemsOf(withBodies(...bodies))).map(({ message }) => message)).toEqual(bodies);
    const odd = await itemsOf({ Records: [FIRST, { a: 1 }, "text"] });
    expect(odd.map(({ message }) => message)).toEqual([FIRST.body, '{"a":1}', '"text"']);
  });

  it("do not lose the good ones beside one that is not read", async () => {
    const messages: unknown[] = [];
    const read = async (): Promise<void> => {
      const event = withBodies("first", S3_NOTIFICATION, "third", OVER_SNS);
      for await (const { telemetry } of readTelemetry(event, A_FORWARDER, [])) {
        for (const { logs, slice } of telemetry) {
          messages.push(...logs.map(({ message, messageEnd }) => slice.text.slice(message, messageEnd)));
        }
      }
    };
    const error = await read().catch((thrown: unknown) => thrown);
    expect(messages).toEqual(["first", "third"]);
    expect(error).toMatchObject({
      message: expect.stringContaining("2 of 4 SQS messages: S3 tells of a new object"),
      batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "m3" }],
    });
    expect((error as Error).message).not.toContain("hunter2");
  });

  it("that tell of objects of S3 are not forwarded as logs, nor forgotten", async () => {
    await expect(itemsOf(withBodies(S3_NOTIFICATION))).rejects.toThrow("1 of 1 SQS messages");
    await expect(itemsOf(withBodies(OVER_SNS))).rejects.toThrow("1 of 1 SQS messages");
  });
});
