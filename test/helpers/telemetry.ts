import { type Config, parseConfig } from "../../src/config.ts";
import { createSpanTable } from "../../src/formats/span-table.ts";
import { type Reading, type ReadingOptions, readTelemetry, understand } from "../../src/pipeline.ts";
import { EnvelopeReader } from "../../src/sources/subscription-envelope.ts";
import type { Forwarder, LogEventBatch, ResourceTelemetry, Span } from "../../src/telemetry.ts";
import { resourceOf } from "../../src/transforms/resource.ts";
import { anEnvelope, type EnvelopeGiven, type EventGiven } from "./deliveries.ts";

export const A_KEY = "00000000111111112222222233333333";

export const A_FORWARDER: Forwarder = {
  functionArn: "arn:aws:lambda:eu-west-1:999999999999:function:forwarder",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:999999999999:function:Forwarder",
  functionName: "Forwarder",
  functionVersion: "",
  region: "eu-west-1",
  version: "1.2.3",
  logGroup: "/aws/lambda/Forwarder",
};

export function aConfig(env: Record<string, string> = {}): Config {
  return parseConfig({ DD_API_KEY: A_KEY, ...env });
}

/** What the pure half makes of some messages of one log stream, in one slice. */
export function telemetryOf(messages: (string | EventGiven)[], given: EnvelopeGiven = {}): ResourceTelemetry {
  const batches = batchesIn(Buffer.from(anEnvelope(messages, given)));
  expect(batches).toHaveLength(1);
  const [batch] = batches as [LogEventBatch];
  return understand(batch, resourceOf(batch, A_FORWARDER), createSpanTable());
}

/** The log events of a delivery, in one slice of however many bytes. */
export function batchesIn(json: Buffer): LogEventBatch[] {
  return [...new EnvelopeReader(() => 0, Number.POSITIVE_INFINITY).read(json, true)].flatMap((part) => part.batches);
}

/** All that is read of an event. */
export async function readingOf(
  event: unknown,
  forwarder = A_FORWARDER,
  options: ReadingOptions = {},
): Promise<Reading> {
  const whole: Reading = { events: 0, dropped: {}, telemetry: [], generation: -1 };
  for await (const { events, dropped, telemetry, generation } of readTelemetry(event, forwarder, [], options)) {
    whole.events += events;
    for (const reason in dropped) whole.dropped[reason] = (whole.dropped[reason] ?? 0) + (dropped[reason] as number);
    whole.telemetry.push(...telemetry);
    whole.generation = Math.max(whole.generation, generation);
  }
  return whole;
}

export function aSpan(given: Partial<Span> = {}): Span {
  return {
    spanId: "651c77517ea37a55",
    parentSpanId: "",
    service: "thinker",
    name: "aws.lambda",
    resource: "thinker-api",
    type: "serverless",
    startTimeUnixNano: 1_795_226_069_831_013_037n,
    durationNano: 67_823_975n,
    error: 0,
    attributes: {},
    numericAttributes: {},
    links: [],
    events: [],
    ...given,
  };
}
