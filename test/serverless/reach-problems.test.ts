const reachProblems = require("../../serverless/reach-problems.cjs");

const defaults = {
  VPCSubnetIds: [],
  VPCSecurityGroupIds: [],
  DdUseVPC: false,
  DdHttpProxyURL: null,
  AdditionalTargetLambdaArns: [],
  FunctionName: "forwarder",
  IamRolePath: "/",
  PermissionsBoundaryArn: null,
  DdKmsApiKey: null,
  KmsKeyList: [],
};

describe("serverless/reach-problems", () => {
  it.each([
    {},
    { VPCSubnetIds: "subnet-1", VPCSecurityGroupIds: ["sg-1"], DdUseVPC: "true" },
    { VPCSubnetIds: [{ "Fn::ImportValue": "subnet" }], VPCSecurityGroupIds: [{ "Fn::ImportValue": "group" }] },
    { DdHttpProxyURL: "http://user:pass@proxy.example.com:3128" },
    { DdHttpProxyURL: "proxy:3128" },
    { DdHttpProxyURL: { "Fn::ImportValue": "proxy" } },
    { AdditionalTargetLambdaArns: "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:a:$LATEST,b" },
    { AdditionalTargetLambdaArns: [{ "Fn::GetAtt": ["Other", "Arn"] }] },
    { IamRolePath: "/service/logs/", PermissionsBoundaryArn: "arn:aws:iam::aws:policy/PowerUserAccess" },
    { DdKmsApiKey: "AQIC", KmsKeyList: "arn:aws:kms:eu-west-1:123456789012:key/1" },
  ])("finds nothing wrong with %j", (parameters) => {
    expect(reachProblems({ ...defaults, ...parameters })).toEqual([]);
  });

  it.each([
    [{ VPCSubnetIds: "subnet-1" }, "give both VPCSubnetIds and VPCSecurityGroupIds"],
    [{ VPCSecurityGroupIds: "sg-1" }, "give both VPCSubnetIds and VPCSecurityGroupIds"],
    [{ DdUseVPC: "True" }, "give VPCSubnetIds and VPCSecurityGroupIds too"],
    [{ DdHttpProxyURL: "socks5://proxy:1080" }, "as http://proxy.example.com:3128"],
    [{ DdHttpProxyURL: "http://proxy/path" }, "DdHttpProxyURL must be the URL of an HTTP proxy"],
    [
      { AdditionalTargetLambdaArns: "a b" },
      'must be ARNs of Lambda functions, as arn:aws:lambda:eu-west-1:123456789012:function:name, got "a b"',
    ],
    [{ AdditionalTargetLambdaArns: ["arn:aws:sqs:eu-west-1:123456789012:queue"] }, "must be ARNs of Lambda functions"],
    [{ AdditionalTargetLambdaArns: "forwarder" }, "it would invoke itself for ever"],
    [{ IamRolePath: "service" }, 'IamRolePath must begin and end with a slash, as /service/, got "service"'],
    [{ PermissionsBoundaryArn: "boundary" }, "PermissionsBoundaryArn must be the ARN of a policy"],
    [{ DdKmsApiKey: "AQIC" }, "give KmsKeyList the ARN of the KMS key"],
  ])("says what is wrong with %j, and what to do", (parameters, problem) => {
    expect(reachProblems({ ...defaults, ...parameters })).toEqual([expect.stringContaining(problem)]);
  });

  it("does not show the password of a proxy", () => {
    const problems = reachProblems({ ...defaults, DdHttpProxyURL: "http://user:hunter2@proxy/path" });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain("hunter2");
  });
});
