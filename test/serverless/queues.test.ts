const queues = require("../../serverless/queues.cjs");

const [ONE, OTHER] = ["one", "other"].map((name) => `arn:aws:sqs:eu-west-1:123456789012:${name}`);
const resolve = (given: unknown, keys: unknown = null) =>
  queues({ resolveVariable: async (variable: string) => (variable.includes("KmsKeyList") ? keys : given) });

describe("serverless/queues", () => {
  it("gives no right to read any queue where none is named", async () => {
    for (const given of [null, [], "", " , "]) expect(await resolve(given)).toEqual({ Ref: "AWS::NoValue" });
  });

  it("lets Lambda read exactly the queues that are named", async () => {
    for (const given of [`${ONE}, ${OTHER}`, [ONE, OTHER]]) {
      expect((await resolve(given)).PolicyDocument.Statement).toEqual([
        {
          Effect: "Allow",
          Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
          Resource: [ONE, OTHER],
        },
      ]);
    }
  });

  it("has SQS decrypt with the keys that are named, and lets the function do nothing else with them", async () => {
    const keys = ["arn:aws:kms:eu-west-1:123456789012:key/1", "arn:aws:kms:eu-west-1:123456789012:key/2"];
    const { PolicyDocument } = await resolve(ONE, keys);
    expect(PolicyDocument.Statement.slice(1)).toEqual([
      {
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: keys,
        Condition: { StringEquals: { "kms:ViaService": { "Fn::Sub": `sqs.\${AWS::Region}.\${AWS::URLSuffix}` } } },
      },
    ]);
    expect(await resolve("", keys)).toEqual({ Ref: "AWS::NoValue" });
  });
});
