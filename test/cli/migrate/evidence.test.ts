import { evidenceOf, isOurs } from "../../../src/cli/migrate/evidence.ts";
import { nothingKnown, type OldForwarder } from "../../../src/cli/migrate/old-forwarder.ts";

describe("a Datadog Forwarder", () => {
  it.each<[string, Partial<OldForwarder>]>([
    ["tag dd_forwarder_version 5.4.11", { tags: { dd_forwarder_version: "5.4.11" } }],
    ["layer Datadog-Forwarder:91", { layers: ["arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Forwarder:91"] }],
    ["description", { description: "Pushes logs, metrics and traces from AWS to Datadog." }],
    ["description of the stack", { stackDescription: "Pushes logs, metrics and traces from AWS to Datadog." }],
    ["handler", { handler: "lambda_function.lambda_handler", variables: { DD_FORWARD_LOG: "true" } }],
    [
      "variables DD_FETCH_LAMBDA_TAGS, DD_USE_VPC",
      { variables: { DD_FETCH_LAMBDA_TAGS: "true", DD_USE_VPC: "false" } },
    ],
    ["parameters DdApiKey, DdFetchLambdaTags", { parameters: { DdApiKey: "****", DdFetchLambdaTags: "true" } }],
  ])("is known by its %s", (evidence, given) => {
    expect(evidenceOf({ ...nothingKnown(), ...given })).toEqual([evidence]);
  });

  it("is not every function that Datadog's libraries trace, nor every Python function", () => {
    const variables = {
      DD_API_KEY_SECRET_ARN: "arn",
      DD_SITE: "datadoghq.eu",
      DD_TRACE_ENABLED: "true",
      DD_TAGS: "a:b",
    };
    const layers = ["arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:60"];
    expect(evidenceOf({ ...nothingKnown(), handler: "lambda_function.lambda_handler", variables, layers })).toEqual([]);
  });

  it("is not this forwarder, which has its variables", () => {
    expect(isOurs({ ...nothingKnown(), handler: "dist/forwarder.handler" })).toBe(true);
    expect(isOurs({ ...nothingKnown(), stackName: "log-trace-forwarder-prod" })).toBe(true);
    expect(isOurs({ ...nothingKnown(), handler: "lambda_function.lambda_handler" })).toBe(false);
  });
});
