import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { resolved, type Template } from "../emulator/template.ts";

const { load } = createRequire(require.resolve("serverless/package.json"))("js-yaml");

const given: Record<string, unknown> = {
  ForwarderFunctionName: "forwarder",
  ForwarderRoleName: "forwarder-role",
  ShardCount: 8,
  RetentionHours: 48,
  SourceAccounts: ["111111111111", "222222222222"],
  DestinationArn: "arn:aws:logs:eu-west-1:999999999999:destination:log-stream",
  Exclude: ["/aws/lambda/a", "/aws/lambda/b"],
  Distribution: "ByLogStream",
  "AWS::Partition": "aws",
  "AWS::Region": "eu-west-1",
  "AWS::AccountId": "999999999999",
  "AWS::StackName": "log-stream",
};

describe("the templates", () => {
  it.each(["kinesis", "source-account"])("%s has nothing that it does not say, and no right to everything", (name) => {
    const { template, properties } = aTemplate(name);
    expect(Object.keys(properties)).toEqual(Object.keys(template.Resources));
    const text = JSON.stringify(properties);
    expect(text).not.toMatch(/"(?:Resource|Action)":"[^"]*\*/);
    expect(text).not.toContain("undefined");
  });

  it("lets the accounts that are named subscribe to the stream, and no other", () => {
    const { Destination } = aTemplate("kinesis").properties;
    expect(JSON.parse(Destination?.DestinationPolicy as string).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: ["111111111111", "222222222222"] },
        Action: ["logs:PutSubscriptionFilter", "logs:PutAccountPolicy"],
        Resource: "arn:aws:logs:eu-west-1:999999999999:destination:log-stream",
      },
    ]);
  });

  it("lets CloudWatch Logs write for these accounts and its own alone", () => {
    const { WriteRole } = aTemplate("kinesis").properties;
    expect(WriteRole).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Condition: {
              StringLike: {
                "aws:SourceArn": ["999999999999", "111111111111", "222222222222"].map((id) => `arn:*:logs:*:${id}:*`),
              },
            },
          },
        ],
      },
    });
  });

  it("reads with as many executions as the simulation counts on", () => {
    expect(aTemplate("kinesis").properties.Reading).toMatchObject({ BatchSize: 100, ParallelizationFactor: 10 });
    const model = readFileSync(path.join(__dirname, "../../bench/scale/model.mjs"), "utf8");
    expect(model).toContain("records: 100,");
  });

  it("subscribes an account to the destination, without what is excluded", () => {
    const { Subscription } = aTemplate("source-account").properties;
    expect(JSON.parse(Subscription?.PolicyDocument as string)).toEqual({
      DestinationArn: given.DestinationArn,
      FilterPattern: "",
      Distribution: "ByLogStream",
    });
    expect(Subscription?.SelectionCriteria).toBe('LogGroupName NOT IN ["/aws/lambda/a","/aws/lambda/b"]');
  });
});

/** A template, and the properties of its resources with the names in it replaced by what they stand for. */
function aTemplate(name: string) {
  const template = load(readFileSync(path.join(__dirname, `../../templates/${name}.yml`), "utf8")) as Template;
  const values: Record<string, unknown> = { ...given };
  for (const parameter of Object.keys(given)) {
    if (!parameter.startsWith("AWS::") && !Object.hasOwn(template.Parameters ?? {}, parameter))
      delete values[parameter];
  }
  const scope = {
    ref: (wanted: string) => {
      if (Object.hasOwn(values, wanted)) return values[wanted] as string;
      if (Object.hasOwn(template.Resources, wanted)) return `ref-of-${wanted}`;
      throw new Error(`${name}.yml has no ${wanted}`);
    },
    attribute: (wanted: string, attribute: string) => {
      if (Object.hasOwn(template.Resources, wanted)) return `${attribute}-of-${wanted}`;
      throw new Error(`${name}.yml has no ${wanted}`);
    },
  };
  const entries = Object.entries(template.Resources).map(([id, { Properties }]) => [id, resolved(Properties, scope)]);
  return { template, properties: Object.fromEntries(entries) as Record<string, Record<string, unknown>> };
}
