const network = require("../../serverless/network.cjs");

const group = { VPCSubnetIds: "subnet-1, subnet-2", VPCSecurityGroupIds: ["sg-1", { "Fn::ImportValue": "group" }] };

describe("serverless/network", () => {
  it("leaves the function outside of any VPC, without a right that is about one", async () => {
    expect(await resolve("vpc", {})).toBeNull();
    expect(await resolve("policy", {})).toEqual({ Ref: "AWS::NoValue" });
  });

  it("puts the function where it is told", async () => {
    expect(await resolve("vpc", group)).toEqual({
      subnetIds: ["subnet-1", "subnet-2"],
      securityGroupIds: ["sg-1", { "Fn::ImportValue": "group" }],
    });
  });

  it("lets Lambda make the function's network interfaces, and the function's code not", async () => {
    const { PolicyDocument } = await resolve("policy", group);
    const [allow, deny] = PolicyDocument.Statement;
    expect(PolicyDocument.Statement).toHaveLength(2);
    expect(allow).toMatchObject({ Effect: "Allow", Action: expect.arrayContaining(["ec2:CreateNetworkInterface"]) });
    expect(deny).toEqual({
      ...allow,
      Effect: "Deny",
      Condition: {
        ArnEquals: {
          "lambda:SourceFunctionArn": {
            "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:forwarder`,
          },
        },
      },
    });
  });
});

async function resolve(name: string, parameters: Record<string, unknown>) {
  const given: Record<string, unknown> = { FunctionName: "forwarder", ...parameters };
  const resolveVariable = async (variable: string) => given[/param:(\w+)/.exec(variable)?.[1] ?? ""] ?? null;
  return network[name]({ resolveVariable });
}
