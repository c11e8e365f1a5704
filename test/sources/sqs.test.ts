import { itemsOf, sampleEvent } from "../helpers/items.ts";
import { aPayload } from "../helpers/payloads.ts";
import { readingOf } from "../helpers/telemetry.ts";

const EVENT = sampleEvent("sqs-messages");
const [FIRST, SECOND] = EVENT.Records;
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
});
