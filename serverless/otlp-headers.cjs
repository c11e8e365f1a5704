const commaList = require("./comma-list.cjs");
const { decryptSecret, readSecret } = require("./secret-place.cjs");

/** The IAM statements that let the function read the headers of an OpenTelemetry backend, and nothing else. */
module.exports = async ({ resolveVariable }) => {
  const secretArn = await resolveVariable("param:OtlpHeadersSecretArn, null");
  const ssmName = await resolveVariable("param:OtlpHeadersSsmParameterName, null");
  const kmsKeys = commaList(await resolveVariable("param:KmsKeyList, null"));
  const statements = readSecret(secretArn, ssmName);
  if (statements.length > 0 && kmsKeys.length > 0) statements.push(decryptSecret(secretArn, ssmName, kmsKeys));
  return statements;
};
