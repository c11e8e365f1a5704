// Writes events/<case>.json from what people can read:  node events/encode.mjs
//   decoded/<case>.json      a delivery of CloudWatch Logs, as it is sent to a function
//   s3-notification.json     the same notification through SNS, through SQS, and through both
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const ACCOUNT = "eu-west-1:123456789012";
const decoded = new URL("decoded/", import.meta.url);
for (const file of readdirSync(decoded)) {
  const data = gzipSync(JSON.stringify(read(`decoded/${file}`)), { level: 9 }).toString("base64");
  write(file, { awslogs: { data } });
}

const notification = JSON.stringify(read("s3-notification.json"));
write("sns-s3-notification.json", throughSns(notification));
write("sqs-s3-notification.json", throughSqs(notification));
write("sqs-sns-s3-notification.json", throughSqs(JSON.stringify(publication(notification))));

/** What SNS publishes, as its subscribers get it. */
function publication(Message) {
  const TopicArn = `arn:aws:sns:${ACCOUNT}:objects`;
  return {
    Type: "Notification",
    MessageId: "3c9a4c36-1a7e-5b0a-9d0e-1f2e7e5a6b21",
    TopicArn,
    Subject: "Amazon S3 Notification",
    Message,
    Timestamp: "2026-11-21T01:54:31.412Z",
    SignatureVersion: "1",
    Signature: "tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1+82j",
    SigningCertURL: "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-ac565b8b1a6c5d002d285f9598aa1d9b.pem",
    UnsubscribeURL: `https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${TopicArn}:21be56ed`,
  };
}

function throughSns(message) {
  const { SigningCertURL: SigningCertUrl, UnsubscribeURL: UnsubscribeUrl, ...rest } = publication(message);
  const EventSubscriptionArn = `${rest.TopicArn}:21be56ed-a058-49f5-8c98-aedd2564c486`;
  const Sns = { ...rest, SigningCertUrl, UnsubscribeUrl, MessageAttributes: {} };
  return { Records: [{ EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn, Sns }] };
}

function throughSqs(body) {
  const record = {
    messageId: "2e1424d4-f796-459a-8184-9c92662be6da",
    receiptHandle: "AQEBzWwaftRI0KuVm4tP+/7q1rGgNqicHq",
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "1795226071500",
      SenderId: "AIDAIENQZJOLO23YVJ4VO",
      ApproximateFirstReceiveTimestamp: "1795226071508",
    },
    messageAttributes: {},
    md5OfBody: createHash("md5").update(body).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:${ACCOUNT}:objects`,
    awsRegion: "eu-west-1",
  };
  return { Records: [record] };
}

function read(file) {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
}

function write(file, event) {
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(event, undefined, 2)}\n`);
}
