import { CreateLogGroupCommand, PutSubscriptionFilterCommand } from "@aws-sdk/client-cloudwatch-logs";
import { compiledResources, rightsIn } from "../helpers/compiled-resources.ts";
import { aDeployment, type Deployment } from "../helpers/deployment.ts";

/** One story, told in order: what cannot be deployed, and then what can. */
describe("a deployment that cannot succeed", () => {
  let deployment: Deployment;

  beforeAll(async () => {
    deployment = await aDeployment();
    await deployment.logs.send(new CreateLogGroupCommand({ logGroupName: "/ecs/thinker" }));
  });
  afterAll(() => deployment?.stop());

  it("package names a wrong site, a wrong region for arm64 and sizes that Lambda does not have", async () => {
    const output = await deployment.fails(["package", "--region", "ca-west-1"], {
      DdSite: "app.datadoghq.com",
      DdUrl: "",
      Timeout: "901",
    });
    expect(output).toContain('DdSite is "app.datadoghq.com", which is no site of Datadog\'s');
    expect(output).toContain("give --param Architecture=x86_64");
    expect(output).toContain("Timeout must be a whole number of seconds, 1 to 900");
  });

  it("package names together what the function would refuse when it starts, by the names of the parameters", async () => {
    const output = await deployment.fails(["package"], {
      RedactIp: "yes",
      IncludeAtMatch: "(",
      DdCompressionLevel: "fast",
      SqsQueueArnList: "logs",
      LogGroups: "/aws/lambda/log-trace-forwarder-dev,/aws/lambda/*",
      Loggroups: "/ecs/thinker",
    });
    expect(output).toContain('RedactIp must be true or false, got "yes".');
    expect(output).toContain("IncludeAtMatch cannot be used: missing closing )");
    expect(output).toContain('DdCompressionLevel must be a whole number from 0 to 9, got "fast".');
    expect(output).toContain("SqsQueueArnList must be ARNs of queues");
    expect(output).toContain("LogGroups has /aws/lambda/log-trace-forwarder-dev, the forwarder's own log group");
    expect(output).toContain('LogGroups has "/aws/lambda/*", which cannot be a log group\'s name');
    expect(output).toContain("Unknown parameter Loggroups. Is LogGroups meant?");
    expect(output).not.toContain("Cannot resolve");
  });

  it("deploy names what the account lacks, all of it, before anything is made", async () => {
    const before = deployment.emulator.contents();
    const output = await deployment.fails(["deploy"], {
      LogGroups: "/ecs/thinker,/ecs/thinke",
      DdApiKeySecretArn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-000000",
      OtlpEndpoint: "https://collector.example.com",
      OtlpHeadersSsmParameterName: "/otlp/headers",
      DdForwarderExistingBucketName: "nosuch",
      Destinations: JSON.stringify([
        { name: "audit", type: "datadog", ssmName: "/audit/api-key" },
        { name: "archive", type: "s3", bucket: "no-archive" },
      ]),
    });
    expect(output).toContain("LogGroups has /ecs/thinke, and there is no such log group in eu-west-1");
    expect(output).not.toContain("LogGroups has /ecs/thinker,");
    expect(output).toContain("DdApiKeySecretArn: there is no secret arn:aws:secretsmanager:eu-west-1");
    expect(output).toContain("OtlpHeadersSsmParameterName: there is no parameter /otlp/headers in eu-west-1");
    expect(output).toContain("There is no bucket nosuch");
    expect(output).toContain('Destinations, entry "audit": there is no parameter /audit/api-key in eu-west-1');
    expect(output).toContain('Destinations, entry "archive": there is no bucket no-archive');
    expect(deployment.emulator.contents()).toEqual(before);
  });

  it("deploy says which filters a log group has that may leave no room, as AWS only says that there is none", async () => {
    for (const name of ["one", "two"]) {
      const destinationArn = `arn:aws:kinesis:eu-west-1:123456789012:stream/${name}`;
      const filter = { logGroupName: "/ecs/full", filterName: name, filterPattern: "", destinationArn };
      if (name === "one") await deployment.logs.send(new CreateLogGroupCommand({ logGroupName: "/ecs/full" }));
      await deployment.logs.send(new PutSubscriptionFilterCommand(filter));
    }
    const output = await deployment.fails(["deploy", "--stage", "full"], { LogGroups: "/ecs/full" });
    expect(output).toContain("LogGroups has /ecs/full, which has 2 subscription filters already: one (to kinesis");
    expect(output).toContain("Resource limit exceeded");
  });

  it("deploy of what is there passes, for another processor, with the rights that the tests compile", async () => {
    const parameters = { LogGroups: "/ecs/thinker", Architecture: "x86_64", DdFetchLogGroupTags: "true" };
    expect(await deployment.serverless(["deploy"], parameters)).not.toContain("Not known before deploying");
    const { Resources } = deployment.template();
    expect(Resources.ForwarderLambdaFunction.Properties.Architectures).toEqual(["x86_64"]);
    const { DD_API_KEY_SECRET_ARN } = Resources.ForwarderLambdaFunction.Properties.Environment.Variables;
    const compiled = await compiledResources({
      ...parameters,
      DdApiKeySecretArn: DD_API_KEY_SECRET_ARN,
      DdFetchLambdaTags: "false",
    });
    expect(rightsIn(Resources)).toEqual(rightsIn(compiled));
    expect(rightsIn(compiled).length).toBeGreaterThan(8);
  });

  it("a forwarder that is there under the name of another stack is not touched", async () => {
    const before = deployment.emulator.contents();
    const output = await deployment.fails(["deploy", "--stage", "second"], { FunctionName: "log-trace-forwarder-dev" });
    expect(output).toContain(
      "In eu-west-1 there is a function log-trace-forwarder-dev already, of the stack log-trace-forwarder-dev.",
    );
    expect(deployment.emulator.contents()).toEqual(before);
  });

  it("a log group that a function has left behind is named", async () => {
    await deployment.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/log-trace-forwarder-third" }));
    const output = await deployment.fails(["deploy", "--stage", "third"], {});
    expect(output).toContain("there is a log group /aws/lambda/log-trace-forwarder-third already");
    expect(deployment.emulator.unknownCalls).toEqual([]);
  });
});

jest.setTimeout(60_000);
