const apiKey = require("../../serverless/api-key.cjs");

const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:datadog-AbCdEf";
const kmsKey = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";

describe("serverless/api-key", () => {
  it("lets the function read the secret, and nothing else", async () => {
    expect(await statementsFor({ DdApiKeySecretArn: secret })).toEqual([
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secret },
    ]);
  });

  it.each(["datadog/key", "/datadog/key"])(
    "lets the function read the parameter %s, and nothing else",
    async (name) => {
      const Resource = {
        "Fn::Sub": `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/datadog/key`,
      };
      expect(await statementsFor({ DdApiKeySsmParameterName: name })).toEqual([
        { Effect: "Allow", Action: "ssm:GetParameter", Resource },
      ]);
    },
  );

  it("takes the ARN of a parameter as it is", async () => {
    const arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/datadog/key";
    expect(await statementsFor({ DdApiKeySsmParameterName: arn })).toEqual([
      { Effect: "Allow", Action: "ssm:GetParameter", Resource: arn },
    ]);
  });

  it("lets the function decrypt with the given keys, through the service that keeps the secret", async () => {
    const [, decrypt] = await statementsFor({ DdApiKeySecretArn: secret, KmsKeyList: kmsKey });
    expect(decrypt).toEqual({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: [kmsKey],
      Condition: {
        StringEquals: { "kms:ViaService": { "Fn::Sub": `secretsmanager.eu-central-1.\${AWS::URLSuffix}` } },
      },
    });
  });

  it("lets the function decrypt with the given keys itself what KMS encrypted", async () => {
    expect(await statementsFor({ DdKmsApiKey: "AQIC", KmsKeyList: kmsKey })).toEqual([
      { Effect: "Allow", Action: "kms:Decrypt", Resource: [kmsKey] },
    ]);
  });

  it("expects a parameter in the region of the function", async () => {
    const [, decrypt] = await statementsFor({ DdApiKeySsmParameterName: "datadog", KmsKeyList: [kmsKey] });
    expect(decrypt?.Condition).toEqual({
      StringEquals: { "kms:ViaService": { "Fn::Sub": `ssm.\${AWS::Region}.\${AWS::URLSuffix}` } },
    });
  });
});

async function statementsFor(parameters: Record<string, unknown>): Promise<Record<string, unknown>[]> {
  const resolveVariable = async (variable: string) => parameters[/param:(\w+)/.exec(variable)?.[1] ?? ""] ?? null;
  return apiKey({ resolveVariable });
}
