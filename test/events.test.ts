import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { sampleReach } from "./helpers/sample-objects.ts";
import { readingOf } from "./helpers/telemetry.ts";

/** What each case has for the forwarder. */
const cases: Record<string, { logs: number; traceLines: number; traces: number; dropped: number; unpacked?: number }> =
  {
    "aws-spans": { logs: 0, traceLines: 2, traces: 2, dropped: 1 },
    "control-message": { logs: 0, traceLines: 0, traces: 0, dropped: 1 },
    "eventbridge-guardduty": { logs: 1, traceLines: 0, traces: 0, dropped: 0 },
    "eventbridge-s3-object-created": { logs: 3, traceLines: 0, traces: 0, dropped: 0 },
    "eventbridge-security-hub": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
    "firehose-transformation": { logs: 3, traceLines: 0, traces: 0, dropped: 1 },
    "kafka-records": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
    "kafka-self-managed": { logs: 1, traceLines: 0, traces: 0, dropped: 1 },
    "kinesis-records": { logs: 8, traceLines: 1, traces: 1, dropped: 1 },
    "lambda-json-format": { logs: 9, traceLines: 1, traces: 1, dropped: 0 },
    "lambda-text-with-trace": { logs: 7, traceLines: 1, traces: 1, dropped: 0 },
    "lambda-without-tracer": { logs: 10, traceLines: 0, traces: 0, dropped: 0 },
    "not-a-trace": { logs: 12, traceLines: 0, traces: 0, dropped: 0 },
    "otlp-json": { logs: 6, traceLines: 1, traces: 1, dropped: 0, unpacked: 1 },
    "otlp-stdout": { logs: 2, traceLines: 3, traces: 3, dropped: 0 },
    "pino-and-console": { logs: 11, traceLines: 1, traces: 1, dropped: 0 },
    "plain-text-no-lambda": { logs: 3, traceLines: 0, traces: 0, dropped: 0 },
    "python-trace": { logs: 5, traceLines: 1, traces: 1, dropped: 0 },
    "s3-notification": { logs: 3, traceLines: 0, traces: 0, dropped: 1 },
    "sns-notifications": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
    "sns-s3-notification": { logs: 3, traceLines: 0, traces: 0, dropped: 1 },
    "sqs-messages": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
    "sqs-s3-notification": { logs: 3, traceLines: 0, traces: 0, dropped: 1 },
    "sqs-sns-s3-notification": { logs: 3, traceLines: 0, traces: 0, dropped: 1 },
    "two-traces-in-a-line": { logs: 5, traceLines: 1, traces: 2, dropped: 0 },
    "xray-and-zipkin": { logs: 1, traceLines: 5, traces: 5, dropped: 1 },
  };

/** Those of CloudWatch Logs, which nobody can read as they are. */
const twins = Object.keys(cases).filter((name) => !/^(?:eventbridge|firehose|kafka|kinesis|s3|sns|sqs)-/.test(name));

const forwarder = {
  functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:forwarder",
  functionName: "forwarder",
  region: "eu-west-1",
  version: "0.1.0",
  invokedFunctionArn: "",
  functionVersion: "",
  logGroup: "/aws/lambda/forwarder",
};

describe("events", () => {
  it("are all told here", () => {
    const named = (file: string): string[] => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : []);
    expect(readdirSync("events").flatMap(named)).toEqual(Object.keys(cases));
    expect(readdirSync("events/decoded").flatMap(named)).toEqual(twins);
  });

  it.each(twins)("%s is its readable twin, as CloudWatch Logs sends it", (name) => {
    const { awslogs } = read(`events/${name}.json`);
    const delivery = JSON.parse(gunzipSync(Buffer.from(awslogs.data, "base64")).toString());
    expect(delivery).toEqual(read(`events/decoded/${name}.json`));
  });

  it("have one notification of S3, through SNS and SQS too", () => {
    const notification = read("events/s3-notification.json");
    const messageOf = (text: string): string => JSON.parse(text).Message;
    const [throughSns] = read("events/sns-s3-notification.json").Records;
    const [throughSqs] = read("events/sqs-s3-notification.json").Records;
    const [throughBoth] = read("events/sqs-sns-s3-notification.json").Records;
    const texts = [throughSns.Sns.Message, throughSqs.body, messageOf(throughBoth.body)];
    expect(texts.map((text) => JSON.parse(text))).toEqual([notification, notification, notification]);
  });

  it.each(Object.entries(cases))("%s is what its name says", async (name, expected) => {
    const { unpacked = 0, ...counts } = expected;
    const { events, dropped, telemetry } = await readingOf(read(`events/${name}.json`), forwarder, {
      loadReach: sampleReach,
    });
    const payloads = telemetry.flatMap(({ tracePayloads }) => tracePayloads);
    const found = {
      logs: telemetry.reduce((sum, { logs }) => sum + logs.length, 0),
      traceLines: payloads.length,
      traces: payloads.flatMap(({ traces }) => traces).length,
      dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0),
    };
    expect(found).toEqual(counts);
    expect(events + unpacked).toBe(expected.logs + expected.traceLines + expected.dropped);
  });
});

function read(file: string) {
  return JSON.parse(readFileSync(file, "utf8"));
}
