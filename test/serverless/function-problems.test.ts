const functionProblems = require("../../serverless/function-problems.cjs");

const key = { DdApiKeySsmParameterName: "/datadog/key" };

describe("serverless/function-problems", () => {
  it.each([
    {},
    { Architecture: "x86_64", MemorySize: "128", Timeout: 900, ReservedConcurrency: null, LogRetentionInDays: "30" },
    { FunctionName: "forwarder_2-prod", ReservedConcurrency: "10" },
    ...["datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com"].map(
      (DdSite) => ({
        ...key,
        DdSite,
      }),
    ),
    { ...key, DdSite: "ap7.datadoghq.com" },
    { ...key, DdSite: "ddog-gov.com" },
    { DdSite: "not.used" },
    {
      ...key,
      DdSite: "emulated",
      DdUrl: "127.0.0.1",
      DdTraceIntakeUrl: "http://127.0.0.1",
      DdApiUrl: "http://127.0.0.1",
    },
  ])("lets %j pass", (parameters) => {
    expect(functionProblems(parameters, "eu-west-1", [])).toEqual([]);
  });

  it.each([
    [{ Architecture: "arm" }, 'Architecture must be arm64 or x86_64, got "arm".'],
    [{ MemorySize: "64" }, "MemorySize must be a whole number of MB, 128 to 10240"],
    [{ Timeout: "15m" }, 'Timeout must be a whole number of seconds, 1 to 900, got "15m".'],
    [{ ReservedConcurrency: 0 }, "ReservedConcurrency must be"],
    [{ LogRetentionInDays: 91 }, "LogRetentionInDays must be what CloudWatch Logs knows: 1, 3, 5"],
    [{ FunctionName: "my forwarder" }, "FunctionName must be"],
    ...[
      "https://app.datadoghq.com",
      "app.datadoghq.com",
      "us1.datadoghq.com",
      "US3",
      "datadoghq.co",
      "eu.datadoghq.com",
    ].map((DdSite) => [
      { ...key, DdSite },
      `DdSite is "${DdSite}", which is no site of Datadog's. There are: datadoghq.com`,
    ]),
    [{ ...key, DdSite: "", DdUrl: "logs.example.com" }, "give DdUrl, DdTraceIntakeUrl and DdApiUrl"],
  ] as [object, string][])("says what is wrong with %j", (parameters, problem) => {
    expect(functionProblems(parameters, "eu-west-1", [])).toEqual([expect.stringContaining(problem)]);
  });
});
