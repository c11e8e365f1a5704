import { type Config, parseConfig } from "../../src/config.ts";
import { readTelemetry } from "../../src/pipeline.ts";
import type { Forwarder, ResourceTelemetry, Span } from "../../src/telemetry.ts";
import { aDelivery, type EnvelopeGiven, type EventGiven } from "./deliveries.ts";

export const A_KEY = "00000000111111112222222233333333";

export const A_FORWARDER: Forwarder = {
  functionArn: "arn:aws:lambda:eu-west-1:999999999999:function:forwarder",
  functionName: "Forwarder",
  region: "eu-west-1",
  version: "1.2.3",
  logGroup: "/aws/lambda/Forwarder",
};

export function aConfig(env: Record<string, string> = {}): Config {
  return parseConfig({ DD_API_KEY: A_KEY, ...env });
}

/** What the pure half makes of some messages of one log stream. */
export function telemetryOf(messages: (string | EventGiven)[], given: EnvelopeGiven = {}): ResourceTelemetry {
  return readTelemetry(aDelivery(messages, given), A_FORWARDER).telemetry[0] as ResourceTelemetry;
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
