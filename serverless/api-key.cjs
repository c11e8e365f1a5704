const commaList = require("./comma-list.cjs");

/** The IAM statements that let the function read the Datadog API key, and nothing else. */
module.exports = async ({ resolveVariable }) => {
  const secretArn = await resolveVariable("param:DdApiKeySecretArn, null");
  const ssmName = await resolveVariable("param:DdApiKeySsmParameterName, null");
  const kmsKeys = commaList(await resolveVariable("param:KmsKeyList, null"));
  const statements = [];
  if (secretArn) statements.push({ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArn });
  if (ssmName) statements.push({ Effect: "Allow", Action: "ssm:GetParameter", Resource: parameterArn(ssmName) });
  // What KMS encrypted, the function has it decrypt itself; in the other places a service does that for it.
  if (await resolveVariable("param:DdKmsApiKey, null")) {
    return [...statements, { Effect: "Allow", Action: "kms:Decrypt", Resource: kmsKeys }];
  }
  if (kmsKeys.length > 0) {
    const service = secretArn ? "secretsmanager" : "ssm";
    statements.push({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: kmsKeys,
      Condition: {
        StringEquals: {
          "kms:ViaService": { "Fn::Sub": `${service}.${regionOf(secretArn ?? ssmName)}.\${AWS::URLSuffix}` },
        },
      },
    });
  }
  return statements;
};

/** The ARN of `thinker/key` and of `/thinker/key` is the same: `…:parameter/thinker/key`. */
function parameterArn(name) {
  if (isArn(name)) return name;
  const path = name.replace(/^\//, "");
  return { "Fn::Sub": `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/${path}` };
}

function regionOf(name) {
  return isArn(name) ? name.split(":")[3] : `\${AWS::Region}`;
}

function isArn(name) {
  return typeof name === "string" && name.startsWith("arn:");
}
