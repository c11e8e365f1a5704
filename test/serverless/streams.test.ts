const streams = require("../../serverless/streams.cjs");

const STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/logs";
const CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/logs/abc-1";
const resolve = (given: Record<string, unknown>) =>
  streams({ resolveVariable: async (variable: string) => given[/^param:(\w+)/.exec(variable)?.[1] ?? ""] });

describe("serverless/streams", () => {
  it("gives no right where nothing is named", async () => {
    expect(await resolve({})).toEqual({ Ref: "AWS::NoValue" });
    expect(await resolve({ KinesisStreamArnList: " ", KafkaClusterArnList: [] })).toEqual({ Ref: "AWS::NoValue" });
  });

  it("lets Lambda read exactly the streams that are named", async () => {
    const { PolicyDocument } = await resolve({ KinesisStreamArnList: STREAM });
    expect(PolicyDocument.Statement).toEqual([
      { Effect: "Allow", Action: expect.arrayContaining(["kinesis:GetRecords"]), Resource: [STREAM] },
    ]);
  });

  it("has Kinesis decrypt with the keys that are named, and lets the function do nothing else with them", async () => {
    const KmsKeyList = "arn:aws:kms:eu-west-1:123456789012:key/mine";
    const { PolicyDocument } = await resolve({ KinesisStreamArnList: STREAM, KmsKeyList });
    expect(PolicyDocument.Statement.slice(1)).toEqual([
      {
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: [KmsKeyList],
        Condition: {
          StringEquals: { "kms:ViaService": { "Fn::Sub": `kinesis.\${AWS::Region}.\${AWS::URLSuffix}` } },
        },
      },
    ]);
    expect(await resolve({ KmsKeyList })).toEqual({ Ref: "AWS::NoValue" });
  });

  it("lets Lambda read the topics of exactly the clusters that are named, from within their network, the function's code not", async () => {
    const { PolicyDocument } = await resolve({ KafkaClusterArnList: [CLUSTER] });
    const [read, network, denied] = PolicyDocument.Statement;
    expect(read.Resource).toEqual([
      CLUSTER,
      "arn:aws:kafka:eu-west-1:123456789012:topic/logs/abc-1/*",
      "arn:aws:kafka:eu-west-1:123456789012:group/logs/abc-1/*",
    ]);
    expect(read.Action).toContain("kafka-cluster:ReadData");
    expect(network).toMatchObject({ Action: expect.arrayContaining(["ec2:CreateNetworkInterface"]), Resource: "*" });
    expect(denied).toMatchObject({ Effect: "Deny", Action: network.Action, Resource: "*" });
  });
});
