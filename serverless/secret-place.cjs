/**
 * The IAM statements by which a function reads one secret, or one parameter.
 *
 * @param secretArn of a Secrets Manager secret; null = none
 * @param ssmName or ARN of an SSM parameter; null = none
 */
module.exports = {
  readSecret: (secretArn, ssmName) => {
    const statements = [];
    if (secretArn) statements.push({ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArn });
    if (ssmName) statements.push({ Effect: "Allow", Action: "ssm:GetParameter", Resource: parameterArn(ssmName) });
    return statements;
  },

  /** Lets the service that keeps it have it decrypted. @param kmsKeys at least one */
  decryptSecret: (secretArn, ssmName, kmsKeys) => ({
    Effect: "Allow",
    Action: "kms:Decrypt",
    Resource: kmsKeys,
    Condition: {
      StringEquals: {
        "kms:ViaService": {
          "Fn::Sub": `${secretArn ? "secretsmanager" : "ssm"}.${regionOf(secretArn ?? ssmName)}.\${AWS::URLSuffix}`,
        },
      },
    },
  }),
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
