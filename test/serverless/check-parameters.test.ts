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
  it("lets a deployment pass whose parameters can be used", async () => {
    await expect(check({})).resolves.toBeUndefined();
  });

  it("looks at the parameters of the stage that is deployed", async () => {
    await expect(check({ stage: "prod" })).rejects.toThrow("FailedEventsRetentionInDays must be");
    await expect(check({ stage: "test" })).resolves.toBeUndefined();
  });

  it("knows a misspelt parameter of the stage", async () => {
    await expect(check({ stage: "misspelt" })).rejects.toThrow("Unknown parameter Alarm. Is Alarms meant?");
  });

  it("names all parameters where none is nearly the one that is unknown, and those that are", async () => {
    await expect(check({ param: ["Colour=blue"] })).rejects.toThrow(
      /Unknown parameter Colour\. There are: AlarmTopicArn, Alarms, /,
    );
    await expect(check({ param: ["alarmtopicARN=x"] })).rejects.toThrow("Is AlarmTopicArn meant?");
  });

  it("looks first at the parameters of the command line", async () => {
    await expect(check({ param: ["Alarms=on"] })).rejects.toThrow('Alarms must be true or false, got "on".');
    await expect(check({ stage: "prod", param: ["FailedEventsRetentionInDays=30"] })).resolves.toBeUndefined();
    await expect(check({ param: ["AlarmTopicArn=arn=aws"] })).rejects.toThrow('got "arn=aws"');
  });

  it.each([
    ["SourceZipUrl", "npm run build"],
    ["InstallAsLayer", "leave it out"],
    ["LayerARN", "leave it out"],
    ["DdApiKey", "store it in Secrets Manager or SSM"],
    ["DdUseTcp", "logs are sent over HTTPS"],
    ["DdUsePrivateLink", "DdUrl and DdTraceIntakeUrl"],
    ["DdMaxWorkers", "leave it out"],
  ])("says what to do instead of %s, which the Datadog Forwarder has", async (name, remedy) => {
    const given = check({ param: [`${name}=x-${"5ec2e7".repeat(5)}`] });
    await expect(given).rejects.toThrow(`Unknown parameter ${name}, which the Datadog Forwarder has: `);
    await expect(given).rejects.toThrow(remedy);
    await expect(given).rejects.not.toThrow("5ec2e7");
  });

  it("takes the API key from one place", async () => {
    const both = { DD_KMS_API_KEY: "AQIC", DD_API_KEY_SSM_NAME: "/datadog/key" };
    await expect(check({ environment: both })).rejects.toThrow("The Datadog API key is in one place");
    await expect(check({ environment: { DD_KMS_API_KEY: "AQIC" } })).resolves.toBeUndefined();
  });

  it("asks for no API key where an OpenTelemetry backend is sent to", async () => {
    await expect(check({ environment: {} })).rejects.toThrow("--param OtlpEndpoint=<URL>");
    await expect(check({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector" } })).resolves.toBeUndefined();
  });

  it("looks at what an OpenTelemetry backend is given", async () => {
    await expect(check({ param: ["OtlpEndpoint=collector:4317"] })).rejects.toThrow("OtlpEndpoint must be a URL");
  });

  it("looks at what the function reaches", async () => {
    await expect(check({ param: ["VPCSubnetIds=subnet-1"] })).rejects.toThrow(
      "give both VPCSubnetIds and VPCSecurityGroupIds",
    );
  });

  it("looks at what the function reads", async () => {
    await expect(check({ param: ["SqsQueueArnList=logs"] })).rejects.toThrow("SqsQueueArnList must be ARNs of queues");
  });

  it("takes arm64 from who says it, also where it is not known to be", async () => {
    const architecture = { ...params.default, Architecture: "arm64" };
    await expect(check({ defaults: architecture })).rejects.toThrow("give --param Architecture=x86_64");
    await expect(check({ defaults: architecture, param: ["Architecture=arm64"] })).resolves.toBeUndefined();
    await expect(check({ defaults: architecture, param: ["Architecture=x86_64"] })).resolves.toBeUndefined();
  });

  it("names everything that is wrong at once", async () => {
    const param = ["Alarms=on", "Colour=blue", "RedriveIntervalInMinutes=-1"];
    const environment = {};
    await expect(check({ param, environment })).rejects.toThrow(
      /No Datadog API key[\s\S]*Unknown parameter Colour\.[\s\S]*Alarms must be[\s\S]*RedriveIntervalInMinutes must be/,
    );
  });
});

/** What the framework does before it packages. */
async function check({
  stage = "dev",
  param,
  environment = { DD_API_KEY_SSM_NAME: "/datadog/key" },
  defaults = {},
}: Deployment): Promise<void> {
  const serverless = {
    classes: { Error },
    configurationInput: { params: { ...params, default: { ...params.default, ...defaults } } },
    getProvider: () => ({ getStage: () => stage, getRegion: () => "ca-west-1" }),
    processedInput: { commands: ["package"], options: { param } },
    service: { functions: { forwarder: { environment } } },
    // Nothing is built there.
    serviceDir: __dirname,
  };
  await new CheckParameters(serverless, {}, { log: {} }).hooks["before:package:cleanup"]();
}

interface Deployment {
  stage?: string;
  param?: string[];
  environment?: Record<string, string>;
  defaults?: object;
}
