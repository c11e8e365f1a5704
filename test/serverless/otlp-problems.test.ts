const otlpProblems = require("../../serverless/otlp-problems.cjs");

const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:otlp-AbCdEf";

describe("the parameters about an OpenTelemetry backend", () => {
  it.each([
    {},
    { OtlpEndpoint: "https://collector.example.com:4318", OtlpHeadersSecretArn: SECRET, OtlpProtocol: "http/json" },
    { OtlpEndpoint: { "Fn::ImportValue": "endpoint" }, OtlpHeadersSsmParameterName: "/otlp", OtlpJsonLogs: "string" },
  ])("can be used: %j", (parameters) => {
    expect(otlpProblems(parameters)).toEqual([]);
  });

  it.each([
    [{ OtlpEndpoint: "collector:4317" }, /^OtlpEndpoint must be a URL/],
    [{ OtlpEndpoint: "https://me:secret@collector" }, /^OtlpEndpoint must be a URL/],
    [{ OtlpProtocol: "grpc" }, /^OtlpProtocol must be http\/protobuf or http\/json, got "grpc"\.$/],
    [{ OtlpJsonLogs: "yes" }, /^OtlpJsonLogs must be attributes or string/],
    [{ OtlpHeadersSecretArn: SECRET }, /give OtlpEndpoint too\.$/],
    [
      { OtlpEndpoint: "https://a", OtlpHeadersSecretArn: SECRET, OtlpHeadersSsmParameterName: "/otlp" },
      /one place: give OtlpHeadersSecretArn or OtlpHeadersSsmParameterName/,
    ],
  ])("cannot be used, and the problem says what to do: %j", (parameters, problem) => {
    const problems = otlpProblems(parameters);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems.join()).not.toContain("secret@");
  });
});
