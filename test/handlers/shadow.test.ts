import { gzipSync } from "node:zlib";
import type { ShadowReport } from "../../src/handlers/shadow.ts";
import { aDelivery, anEnvelope, type EnvelopeGiven, type EventGiven } from "../helpers/deliveries.ts";
import { forwarderRun } from "../helpers/forwarder-runs.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { sampleEvent } from "../helpers/items.ts";

let intake: TestIntake;
beforeAll(async () => {
  intake = await anIntake();
});
afterAll(() => intake.stop());

async function shadowed(event: unknown, env: Record<string, string> = {}) {
  const run = await forwarderRun(intake, event, { SHADOW_MODE: "true", ...env });
  expect(run.error).toBeUndefined();
  const { shadow, ...ledger } = run.ledger as typeof run.ledger & { shadow: ShadowReport };
  return { ...run, shadow, ledger };
}

function reportOn(messages: (string | EventGiven)[], given: EnvelopeGiven = {}, env: Record<string, string> = {}) {
  return shadowed(aDelivery(messages, given), env).then(({ shadow }) => shadow);
}

describe("shadow mode", () => {
  it("sends nothing and invokes nothing, also where a retry is asked for, and its books balance", async () => {
    const env = { DD_ADDITIONAL_TARGET_LAMBDAS: "archive", DD_STORE_FAILED_EVENTS: "true", DD_S3_BUCKET_NAME: "none" };
    const { ledger, shadow, output } = await shadowed({ ...aDelivery(["the secret", "b"]), retry: true }, env);
    expect(intake.requests).toEqual([]);
    expect(ledger).toMatchObject({ events: 2, logs: 2, skipped: { SHADOW_MODE: 2 }, destinations: {}, unaccounted: 0 });
    expect(ledger).not.toHaveProperty("additionalTargets");
    expect(ledger).not.toHaveProperty("redrive");
    expect(shadow).toEqual({ compared: 2, same: 2, differences: {}, intended: {}, notCompared: {} });
    expect(output).not.toContain("secret");
  });

  it.each([
    ["a function", {}, {}],
    ["a function with a log group of its own", { logGroup: "/own/group" }, {}],
    ["a container", { logGroup: "/ecs/thinker", logStream: "ecs/thinker/1" }, {}],
    ["Kinesis", { logGroup: "/aws/kinesisfirehose/x", logStream: "a" }, {}],
    ["a log stream of CloudTrail", { logGroup: "trail", logStream: "1_CloudTrail_eu-west-1" }, {}],
    ["any, with tags", {}, { DD_TAGS: "team:a, env:prod,service:given" }],
    ["any, with a source", { logGroup: "/ecs/thinker", logStream: "a" }, { DD_SOURCE: "nginx" }],
  ] as [string, EnvelopeGiven, Record<string, string>][])(
    "finds no difference in logs of %s",
    async (_, given, env) => {
      const messages = ["text ä 1.10", '{"a":1.10,"ddtags":"env:x, a:b,service:own"}', '{"b":[1]}', ""];
      expect(await reportOn(messages, given, env)).toEqual({
        ...{ compared: 4, same: 4, differences: {}, intended: {}, notCompared: {} },
      });
    },
  );

  it("counts what is meant to differ under the page that says why", async () => {
    const otlp = JSON.stringify({
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: "a".repeat(32),
                  spanId: "b".repeat(16),
                  name: "n",
                  startTimeUnixNano: "1",
                  endTimeUnixNano: "2",
                },
              ],
            },
          ],
        },
      ],
    });
    const { intended, differences, compared } = await reportOn(
      ['{"ddtags":["a:b"]}', "x".repeat(600_000), otlp, `{"trace_id":"${"c".repeat(32)}","message":"m"}`],
      { owner: "210987654321" },
    );
    expect(differences).toEqual({});
    expect(compared).toBe(1);
    expect(Object.keys(intended).sort()).toEqual([
      "decision 28: lines of any tracer are spans",
      "decision 6: the account is the log group's (ddtags.aws_account)",
      "decision 6: the account is the log group's (host)",
      "decision 6: the account is the log group's (lambda.arn)",
      "docs/correlation.md: the log is tied to its trace",
      "docs/parity.md: items over 512,000 bytes are not lost",
      "docs/parity.md: tags that are no text fail no delivery",
    ]);
  });

  it("counts what nothing explains by field and kind", async () => {
    const { differences, compared, same } = await reportOn(["a", "b"], {
      logGroup: "/aws/lambda-insights",
      logStream: "x",
    });
    expect({ compared, same }).toEqual({ compared: 2, same: 0 });
    expect(differences).toMatchObject({ ddsource: { changed: 2 } });
  });

  it("takes trace lines and metric lines of both for the same, without a look at their contents", async () => {
    const trace = '{"traces":[[{"trace_id":"2","span_id":"1","name":"think","start":1,"duration":1}]]}';
    const metric = '{"m":"a","v":1,"e":1795226069,"t":["a:b"]}';
    const { differences, notCompared, compared } = await reportOn([trace, metric, "log"]);
    expect(differences).toEqual({});
    expect(compared).toBe(1);
    expect(notCompared).toEqual({ spans: 1, metrics: 1 });
  });

  it("compares no messages where a setting changes them, and names the filter that leaves logs out", async () => {
    const env = { REDACT_IP: "true", EXCLUDE_AT_MATCH: "^no" };
    expect(await reportOn(["from 10.0.0.1", "not this"], {}, env)).toMatchObject({
      same: 1,
      differences: {},
      intended: { "setting INCLUDE_AT_MATCH or EXCLUDE_AT_MATCH": 1 },
      notCompared: { "messages, which settings change": 1 },
    });
  });

  it("compares deliveries in records of Kinesis, and says so of events it compares nothing of", async () => {
    const [record] = sampleEvent("kinesis-records").Records;
    const data = gzipSync(anEnvelope(["a", "b"])).toString("base64");
    const kinesis = await shadowed({ Records: [{ ...record, kinesis: { ...record.kinesis, data } }] });
    expect(kinesis.shadow).toMatchObject({ compared: 2, same: 2 });
    const other = await shadowed(sampleEvent("sqs-messages"));
    expect(other.shadow.notCompared).toEqual({ "an event that is no delivery of CloudWatch Logs": 1 });
  });

  it("gives Firehose its records back as they came", async () => {
    const event = sampleEvent("firehose-transformation");
    const { answer } = await shadowed(event);
    expect(answer).toEqual({
      records: event.records.map(({ recordId, data }: Record<string, string>) => ({ recordId, result: "Ok", data })),
    });
  });
});
