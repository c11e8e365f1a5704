const commaList = require("./comma-list.cjs");

/**
 * What is wrong with the parameters about what the function reaches, and from where: a sentence or two each, with the
 * remedy.
 *
 * An intrinsic function of CloudFormation, such as `!ImportValue`, is not looked into.
 *
 * @param parameters all of them, by name
 */
module.exports = function reachProblems(parameters) {
  return [...vpc(parameters), ...proxy(parameters), ...targets(parameters), ...role(parameters), ...kms(parameters)];
};

function vpc({ VPCSubnetIds, VPCSecurityGroupIds, DdUseVPC }) {
  const subnets = commaList(VPCSubnetIds);
  const groups = commaList(VPCSecurityGroupIds);
  if ((subnets.length === 0) !== (groups.length === 0)) {
    return ["A function in a VPC has subnets and security groups: give both VPCSubnetIds and VPCSecurityGroupIds."];
  }
  if (subnets.length === 0 && String(DdUseVPC).trim().toLowerCase() === "true") {
    return ["DdUseVPC is for a function in a VPC: give VPCSubnetIds and VPCSecurityGroupIds too."];
  }
  return [];
}

function proxy({ DdHttpProxyURL }) {
  if (!isText(DdHttpProxyURL) || isProxy(DdHttpProxyURL)) return [];
  // There may be a password in it.
  return ["DdHttpProxyURL must be the URL of an HTTP proxy, as http://proxy.example.com:3128."];
}

function isProxy(text) {
  const whole = text.includes("://") ? text : `http://${text}`;
  return /^https?:\/\/[^/?#\s]+\/?$/.test(whole) && URL.canParse(whole);
}

function targets({ AdditionalTargetLambdaArns, FunctionName }) {
  return listOfTexts(AdditionalTargetLambdaArns).flatMap((target) => {
    const name = /^(?:arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:)?([\w-]{1,64})(?::[\w$-]{1,128})?$/.exec(
      target,
    )?.[1];
    if (name === undefined) {
      return [
        `AdditionalTargetLambdaArns must be ARNs of Lambda functions, as arn:aws:lambda:eu-west-1:123456789012:function:name, got ${JSON.stringify(target)}.`,
      ];
    }
    return target === name && name === FunctionName
      ? [`AdditionalTargetLambdaArns has ${name}, the forwarder itself: it would invoke itself for ever.`]
      : [];
  });
}

function role({ IamRolePath, PermissionsBoundaryArn }) {
  const problems = [];
  if (isText(IamRolePath) && !/^\/(?:[!-.0-~]+\/)*$/.test(IamRolePath)) {
    problems.push(`IamRolePath must begin and end with a slash, as /service/, got ${JSON.stringify(IamRolePath)}.`);
  }
  if (isText(PermissionsBoundaryArn) && !/^arn:[a-z-]+:iam::(?:\d{12}|aws):policy\/\S+$/.test(PermissionsBoundaryArn)) {
    problems.push(
      `PermissionsBoundaryArn must be the ARN of a policy, as arn:aws:iam::123456789012:policy/boundary, got ${JSON.stringify(PermissionsBoundaryArn)}.`,
    );
  }
  return problems;
}

function kms({ DdKmsApiKey, KmsKeyList }) {
  if (!DdKmsApiKey || commaList(KmsKeyList).length > 0) return [];
  return ["DdKmsApiKey needs a right to be decrypted: give KmsKeyList the ARN of the KMS key that encrypted it."];
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

function listOfTexts(value) {
  return commaList([value].flat().filter((item) => isText(item)));
}
