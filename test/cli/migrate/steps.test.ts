import { deployCommands, deployCommandsWithFile } from "../../../src/cli/migrate/deploy-command.ts";
import type { Migration } from "../../../src/cli/migrate/migration.ts";
import { nothingKnown, type OldForwarder } from "../../../src/cli/migrate/old-forwarder.ts";
import { stepsOf } from "../../../src/cli/migrate/steps.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const whole: Migration = { rows: [], parameters: {}, missing: {}, isKeyInOldStack: false };
const missing = { DdApiKeySecretArn: "<ARN>" };

describe("the steps", () => {
  it("take the API key from where it is, and show it nowhere", () => {
    const inVariable = commandsOf({ functionName: "old", variables: { DD_API_KEY: KEY } }, { missing });
    expect(inVariable[0]).toContain("$(aws lambda get-function-configuration --function-name old ");
    expect(inVariable.join()).not.toContain(KEY);
    const DD_API_KEY_SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf";
    const inStack = commandsOf({ variables: { DD_API_KEY_SECRET_ARN } }, { missing, isKeyInOldStack: true });
    expect(inStack[0]).toContain(`$(aws secretsmanager get-secret-value --secret-id ${DD_API_KEY_SECRET_ARN} `);
    expect(commandsOf({}, { missing })[0]).toContain("DD_API_KEY='<the key");
    expect(commandsOf({}, {})[0]).toBe("npm run build");
  });

  it("are for the region of the old one, and the stage", () => {
    const { functionArn } = { functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:old" };
    const commands = deployCommandsWithFile("prod", {}, [], "eu-west-1");
    const lines = stepsOf({ ...nothingKnown(), functionArn }, whole, commands).flatMap((step) => step.commands);
    const ofServerless = lines.filter((line) => line.startsWith("npx serverless "));
    expect(ofServerless.filter((line) => line.includes(" --stage prod --region eu-west-1"))).toHaveLength(4);
    expect(lines.filter((line) => line.startsWith("aws ") && !line.startsWith("aws --region eu-west-1 "))).toEqual([]);
  });

  it("delete the filters that are known, else show how", () => {
    const subscriptions = [{ logGroup: "/a", filterName: "it's", filterPattern: "" }];
    const deleting = "aws logs delete-subscription-filter --log-group-name";
    expect(commandsOf({ subscriptions }, {})).toContain(`${deleting} /a --filter-name 'it'\\''s'`);
    expect(commandsOf({}, {})).toContain(`${deleting} '<log group>' --filter-name '<its filter>'`);
    expect(commandsOf({ subscriptions: [] }, {}).join()).not.toContain(deleting);
  });

  it("name what else invokes the old one, and what may", () => {
    const triggers = [
      { service: "logs", sourceArn: "arn:aws:logs:eu-west-1:123456789012:log-group:*" },
      { service: "s3", sourceArn: "arn:aws:s3:::logs" },
      { service: "sns", sourceArn: "" },
    ];
    const steps = textsOf({ triggers });
    expect(steps).toContainEqual(expect.stringMatching(/^These invoke the old one too.*: s3 arn:aws:s3:::logs$/));
    expect(steps).toContainEqual(expect.stringMatching(/^Anything of sns in the account may invoke the old one\./));
    expect(textsOf({ triggers: [] }).join()).not.toMatch(/invoke the old one/);
  });
});

function commandsOf(forwarder: Partial<OldForwarder>, migration: Partial<Migration>): string[] {
  return steps(forwarder, migration).flatMap(({ commands }) => commands);
}

function textsOf(forwarder: Partial<OldForwarder>): string[] {
  return steps(forwarder, {}).map(({ what }) => what);
}

function steps(forwarder: Partial<OldForwarder>, migration: Partial<Migration>) {
  return stepsOf({ ...nothingKnown(), ...forwarder }, { ...whole, ...migration }, deployCommands({}, {}, [], ""));
}
