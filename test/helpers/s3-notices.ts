/** How S3 tells of new objects, directly and through other services. */

export const BUCKET = "logs-of-thinkers";

/** As S3 writes a key into its notices. */
export function encodedKey(key: string): string {
  return encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
}

export function s3Event(...keys: string[]) {
  return {
    Records: keys.map((key) => ({
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: "eu-west-1",
      eventTime: "2026-11-21T02:00:00.000Z",
      eventName: "ObjectCreated:Put",
      s3: {
        s3SchemaVersion: "1.0",
        bucket: { name: BUCKET, ownerIdentity: { principalId: "A1" }, arn: `arn:aws:s3:::${BUCKET}` },
        object: { key: encodedKey(key), size: 1, eTag: "0" },
      },
    })),
  };
}

export function eventBridgeEvent(key: string) {
  return {
    version: "0",
    id: "17793124-05d4-b198-2fde-7ededc63b103",
    "detail-type": "Object Created",
    source: "aws.s3",
    account: "123456789012",
    time: "2026-11-21T02:00:00Z",
    region: "eu-west-1",
    resources: [`arn:aws:s3:::${BUCKET}`],
    detail: { version: "0", bucket: { name: BUCKET }, object: { key, size: 1 }, reason: "PutObject" },
  };
}

export function snsEvent(...messages: object[]) {
  return {
    Records: messages.map((message, index) => ({
      EventSource: "aws:sns",
      EventVersion: "1.0",
      EventSubscriptionArn: "arn:aws:sns:eu-west-1:123456789012:objects:1",
      Sns: {
        Type: "Notification",
        MessageId: `n${index}`,
        TopicArn: "arn:aws:sns:eu-west-1:123456789012:objects",
        Message: JSON.stringify(message),
        Timestamp: "2026-11-21T02:00:00.000Z",
      },
    })),
  };
}

export function sqsEvent(...bodies: (object | string)[]) {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: "r",
      body: typeof body === "string" ? body : JSON.stringify(body),
      attributes: { SentTimestamp: "1795226069000" },
      messageAttributes: {},
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:objects",
      awsRegion: "eu-west-1",
    })),
  };
}
