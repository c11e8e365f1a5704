const commaList = require("./comma-list.cjs");
const { decryptSecret, readSecret } = require("./secret-place.cjs");

/** The IAM statements that let the function read the Datadog API key, and nothing else. */
module.exports = async ({ resolveVariable }) => {
  const secretArn = await resolveVariable("param:DdApiKeySecretArn, null");
  const ssmName = await resolveVariable("param:DdApiKeySsmParameterName, null");
  const kmsKeys = commaList(await resolveVariable("param:KmsKeyList, null"));
  const statements = readSecret(secretArn, ssmName);
  // What KMS encrypted, the function has it decrypt itself; in the other places a service does that for it.
  if (await resolveVariable("param:DdKmsApiKey, null")) {
    return [...statements, { Effect: "Allow", Action: "kms:Decrypt", Resource: kmsKeys }];
  }
  if (statements.length > 0 && kmsKeys.length > 0) statements.push(decryptSecret(secretArn, ssmName, kmsKeys));
  return statements;
};
