const additionalTargets = require("../../serverless/additional-targets.cjs");

const arn = "arn:aws:lambda:us-east-1:123456789012:function:archive:live";

describe("serverless/additional-targets", () => {
  it("gives no right to invoke anything where there are none", async () => {
    for (const given of [null, [], "", " , "]) {
      expect(await resolve("variable", given)).toBeNull();
      expect(await resolve("policy", given)).toEqual({ Ref: "AWS::NoValue" });
    }
  });

  it("tells the function of its targets, and lets it invoke exactly these", async () => {
    const given = `${arn}, other,${arn}`;
    expect(await resolve("variable", given)).toBe(`${arn},other`);
    expect((await resolve("policy", given)).PolicyDocument.Statement).toEqual([
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: [
          arn,
          { "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:other` },
        ],
      },
    ]);
  });
});

async function resolve(name: string, given: unknown) {
  return additionalTargets[name]({ resolveVariable: async () => given });
}
