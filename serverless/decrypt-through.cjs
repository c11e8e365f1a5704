const commaList = require("./comma-list.cjs");

/**
 * The IAM statements that let a service of the function's region decrypt, with the keys of `KmsKeyList`, what it gives to
 * the function; none where there are no keys. The function's own code cannot use the keys by them.
 *
 * @param service as KMS names it: `sqs`, `kinesis`
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
module.exports = async function decryptThrough(service, resolveVariable) {
  const Resource = commaList(await resolveVariable("param:KmsKeyList, null"));
  if (Resource.length === 0) return [];
  const via = { "kms:ViaService": { "Fn::Sub": `${service}.\${AWS::Region}.\${AWS::URLSuffix}` } };
  return [{ Effect: "Allow", Action: "kms:Decrypt", Resource, Condition: { StringEquals: via } }];
};
