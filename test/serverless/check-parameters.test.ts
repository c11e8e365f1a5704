const CheckParameters = require("../../serverless/check-parameters.cjs");

const params = {
  default: {
    DdStoreFailedEvents: true,
    DdScheduleRetryFailedEvents: true,
    FailedEventsRetentionInDays: 90,
    RedriveIntervalInMinutes: 10,
    Alarms: true,
    AlarmTopicArn: null,
  },
  prod: { FailedEventsRetentionInDays: 0, AlarmTopicArn: null },
  misspelt: { Alarm: false },
};

describe("serverless/check-parameters", () => {
  it("lets a deployment pass whose parameters can be used", () => {
    expect(check({})).not.toThrow();
  });

  it("looks at the parameters of the stage that is deployed", () => {
    expect(check({ stage: "prod" })).toThrow("FailedEventsRetentionInDays must be");
    expect(check({ stage: "test" })).not.toThrow();
  });

  it("knows a misspelt parameter of the stage", () => {
    expect(check({ stage: "misspelt" })).toThrow("Unknown parameter Alarm.");
  });

  it("looks first at the parameters of the command line", () => {
    expect(check({ param: ["Alarms=on"] })).toThrow('Alarms must be true or false, got "on".');
    expect(check({ stage: "prod", param: ["FailedEventsRetentionInDays=30"] })).not.toThrow();
    expect(check({ param: ["AlarmTopicArn=arn=aws"] })).toThrow('got "arn=aws"');
  });

  it.each([
    ["SourceZipUrl", "npm run build"],
    ["InstallAsLayer", "leave it out"],
    ["LayerARN", "leave it out"],
    ["DdApiKey", "store it in Secrets Manager or SSM"],
    ["DdUseTcp", "logs are sent over HTTPS"],
    ["DdUsePrivateLink", "DdUrl and DdTraceIntakeUrl"],
    ["DdMaxWorkers", "leave it out"],
  ])("says what to do instead of %s, which the Datadog Forwarder has", (name, remedy) => {
    const given = check({ param: [`${name}=x-${"5ec2e7".repeat(5)}`] });
    expect(given).toThrow(`Unknown parameter ${name}, which the Datadog Forwarder has: `);
    expect(given).toThrow(remedy);
    expect(given).not.toThrow("5ec2e7");
  });

  it("takes the API key from one place", () => {
    const both = { DD_KMS_API_KEY: "AQIC", DD_API_KEY_SSM_NAME: "/datadog/key" };
    expect(check({ environment: both })).toThrow("The Datadog API key is in one place");
    expect(check({ environment: { DD_KMS_API_KEY: "AQIC" } })).not.toThrow();
  });

  it("asks for no API key where an OpenTelemetry backend is sent to", () => {
    expect(check({ environment: {} })).toThrow("--param OtlpEndpoint=<URL>");
    expect(check({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector" } })).not.toThrow();
  });

  it("looks at what an OpenTelemetry backend is given", () => {
    expect(check({ param: ["OtlpEndpoint=collector:4317"] })).toThrow("OtlpEndpoint must be a URL");
  });

  it("looks at what the function reaches", () => {
    expect(check({ param: ["VPCSubnetIds=subnet-1"] })).toThrow("give both VPCSubnetIds and VPCSecurityGroupIds");
  });

  it("takes arm64 from who says it, also where it is not known to be", () => {
    const architecture = { ...params.default, Architecture: "arm64" };
    expect(check({ defaults: architecture })).toThrow("give --param Architecture=x86_64");
    expect(check({ defaults: architecture, param: ["Architecture=arm64"] })).not.toThrow();
    expect(check({ defaults: architecture, param: ["Architecture=x86_64"] })).not.toThrow();
  });

  it("names everything that is wrong at once", () => {
    const param = ["Alarms=on", "Colour=blue", "RedriveIntervalInMinutes=-1"];
    const environment = {};
    expect(check({ param, environment })).toThrow(
      /No Datadog API key[\s\S]*Unknown parameter Colour\.[\s\S]*Alarms must be[\s\S]*RedriveIntervalInMinutes must be/,
    );
  });
});

/** What the framework does before it packages. */
function check({
  stage = "dev",
  param,
  environment = { DD_API_KEY_SSM_NAME: "/datadog/key" },
  defaults = {},
}: Deployment): () => void {
  const serverless = {
    classes: { Error },
    configurationInput: { params: { ...params, default: { ...params.default, ...defaults } } },
    getProvider: () => ({ getStage: () => stage, getRegion: () => "ca-west-1" }),
    processedInput: { commands: ["package"], options: { param } },
    service: { functions: { forwarder: { environment } } },
  };
  return () => new CheckParameters(serverless).hooks["before:package:cleanup"]();
}

interface Deployment {
  stage?: string;
  param?: string[];
  environment?: Record<string, string>;
  defaults?: object;
}
