const otlpHeaders = require("../../serverless/otlp-headers.cjs");
const secrets = require("../../serverless/secrets.cjs");

const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:otlp-AbCdEf";
const apiKey = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:datadog-AbCdEf";
const kmsKey = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";

describe("serverless/otlp-headers", () => {
  it("lets the function read the secret or the parameter, and nothing else", async () => {
    expect(await otlpHeaders(given({ OtlpHeadersSecretArn: secret }))).toEqual([
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secret },
    ]);
    const Resource = {
      "Fn::Sub": `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/otlp/headers`,
    };
    expect(await otlpHeaders(given({ OtlpHeadersSsmParameterName: "/otlp/headers" }))).toEqual([
      { Effect: "Allow", Action: "ssm:GetParameter", Resource },
    ]);
  });

  it("lets it decrypt with the given keys through the service that keeps them", async () => {
    const [, decrypt] = await otlpHeaders(given({ OtlpHeadersSecretArn: secret, KmsKeyList: kmsKey }));
    expect(decrypt).toMatchObject({
      Action: "kms:Decrypt",
      Resource: [kmsKey],
      Condition: {
        StringEquals: { "kms:ViaService": { "Fn::Sub": `secretsmanager.eu-central-1.\${AWS::URLSuffix}` } },
      },
    });
  });
});

describe("serverless/secrets", () => {
  it("has the rights for both in one policy, and none where nothing is secret", async () => {
    const both = await secrets(given({ OtlpHeadersSecretArn: secret, DdApiKeySecretArn: apiKey }));
    expect(both.PolicyDocument.Statement.map(({ Resource }: { Resource: string }) => Resource)).toEqual([
      apiKey,
      secret,
    ]);
    expect(await secrets(given({ KmsKeyList: kmsKey }))).toEqual({ Ref: "AWS::NoValue" });
  });
});

function given(parameters: Record<string, unknown>) {
  return { resolveVariable: async (name: string) => parameters[/param:(\w+)/.exec(name)?.[1] ?? ""] ?? null };
}
