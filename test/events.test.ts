import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { readingOf } from "./helpers/telemetry.ts";

/** What each case has for the forwarder. */
const cases: Record<string, { logs: number; traceLines: number; traces: number; dropped: number; unpacked?: number }> =
  {
    "aws-spans": { logs: 0, traceLines: 2, traces: 2, dropped: 1 },
    "control-message": { logs: 0, traceLines: 0, traces: 0, dropped: 1 },
    "eventbridge-guardduty": { logs: 1, traceLines: 0, traces: 0, dropped: 0 },
    "eventbridge-security-hub": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
    "firehose-transformation": { logs: 3, traceLines: 0, traces: 0, dropped: 1 },
    "kafka-records": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
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
    "sns-notifications": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
    "sqs-messages": { logs: 2, traceLines: 0, traces: 0, dropped: 0 },
    "two-traces-in-a-line": { logs: 5, traceLines: 1, traces: 2, dropped: 0 },
    "xray-and-zipkin": { logs: 1, traceLines: 5, traces: 5, dropped: 1 },
  };

/** Those of CloudWatch Logs, which nobody can read as they are. */
const twins = Object.keys(cases).filter((name) => !/^(?:eventbridge|firehose|kafka|kinesis|sns|sqs)-/.test(name));

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

  it.each(Object.entries(cases))("%s is what its name says", async (name, expected) => {
    const { unpacked = 0, ...counts } = expected;
    const { events, dropped, telemetry } = await readingOf(read(`events/${name}.json`), forwarder);
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
