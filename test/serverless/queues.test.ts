const queues = require("../../serverless/queues.cjs");

const [ONE, OTHER] = ["one", "other"].map((name) => `arn:aws:sqs:eu-west-1:123456789012:${name}`);
const resolve = (given: unknown) => queues({ resolveVariable: async () => given });

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
});
