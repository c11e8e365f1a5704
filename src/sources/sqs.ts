/**
 * Messages of SQS: `{"Records": [{"eventSource": "aws:sqs", "messageId", "body", "attributes", …}]}`. The body of each is
 * a log.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { isObject } from "./envelope.ts";
import { isS3Notification, NOT_READ } from "./s3-notification.ts";
import { type Part, type Source, UnreadableEventError } from "./source.ts";
import { type GivenEvent, jsonOf, partsOf, placeOf, resourceOf, textIn, unixMsOf } from "./written-events.ts";

/** Messages that were not read. Lambda can be told which, so that it hands in these again and no others. */
class UnreadableMessagesError extends UnreadableEventError {
  constructor(
    problem: string,
    readonly batchItemFailures: { itemIdentifier: string }[],
  ) {
    super(problem);
  }
}

export const read: Source["read"] = async function* (event): AsyncGenerator<Part> {
  const { Records: records } = event as { Records: unknown[] };
  const unread: { itemIdentifier: string }[] = [];
  const { region, account } = placeOf(recordIn(records[0]).eventSourceARN);
  yield* partsOf(readable(), resourceOf("sqs", account, region), account);
  if (unread.length > 0) {
    const problem = `${unread.length} of ${records.length} SQS messages: ${NOT_READ}`;
    throw new UnreadableMessagesError(problem, unread);
  }

  function* readable(): Generator<GivenEvent> {
    for (const record of records) {
      const { messageId, body } = recordIn(record);
      if (isS3Notification(textIn(body) ?? "")) unread.push({ itemIdentifier: textIn(messageId) ?? "" });
      else yield givenOf(record);
    }
  }
};

/** A record that has no body is one itself. */
function givenOf(record: unknown): GivenEvent {
  const { messageId, body, attributes, messageAttributes, eventSourceARN } = recordIn(record);
  const hasAttributes = isObject(messageAttributes) && Object.keys(messageAttributes).length > 0;
  return {
    id: textIn(messageId),
    timestampUnixMs: unixMsOf(isObject(attributes) ? attributes.SentTimestamp : undefined),
    message: textIn(body) ?? jsonOf(record),
    others: { eventSourceARN, ...(hasAttributes && { messageAttributes }) },
  };
}

function recordIn(record: unknown): Record<string, unknown> {
  return isObject(record) ? record : {};
}
