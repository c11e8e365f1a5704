import {
  CreateStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { anAwsCall } from "../helpers/aws-call.ts";
import { emulatedResource } from "../helpers/emulated-resource.ts";
import { sdkClients } from "../helpers/sdk-clients.ts";
import { type Emulator, startEmulator } from "./emulator.ts";
import { iam } from "./iam.ts";
import { kinesis } from "./kinesis.ts";

const StreamName = "thoughts";
const StreamARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/thoughts";

describe("the emulated Kinesis", () => {
  let emulator: Emulator;
  let client: KinesisClient;
  beforeEach(async () => {
    emulator = await startEmulator();
    client = sdkClients(emulator).kinesis;
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  });
  afterEach(() => emulator.stop());

  const put = (text: string, PartitionKey = "a") =>
    client.send(new PutRecordCommand({ StreamARN, PartitionKey, Data: Buffer.from(text) }));

  async function iterator(ShardId: string | undefined, more: Partial<GetShardIteratorCommandInput> = {}) {
    const asked = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" as const, ...more };
    return (await client.send(new GetShardIteratorCommand(asked))).ShardIterator;
  }

  async function textsFrom(ShardIterator: string | undefined): Promise<string[]> {
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    return Records.map(({ Data = new Uint8Array() }) => Buffer.from(Data).toString());
  }

  it("tells of a stream and of the shards that share the hash keys", async () => {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName }));
    expect(StreamDescription).toMatchObject({ StreamARN, StreamStatus: "ACTIVE", RetentionPeriodHours: 24 });
    expect(StreamDescription?.StreamCreationTimestamp).toBeInstanceOf(Date);
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamARN }));
    expect(StreamDescriptionSummary).toMatchObject({ StreamName, OpenShardCount: 2 });
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
    expect(Shards).toEqual(StreamDescription?.Shards);
    const half = 2n ** 127n;
    expect(Shards.map(({ HashKeyRange }) => HashKeyRange)).toEqual([
      { StartingHashKey: "0", EndingHashKey: String(half - 1n) },
      { StartingHashKey: String(half), EndingHashKey: String(2n * half - 1n) },
    ]);
    expect(emulator.contents()).toContain("stream thoughts");
    const again = new CreateStreamCommand({ StreamName, ShardCount: 1 });
    await expect(client.send(again)).rejects.toMatchObject({ name: "ResourceInUseException" });
    const other = new ListShardsCommand({ StreamName: "other" });
    await expect(client.send(other)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("keeps the records of a partition key in one shard, in order, and reads on from where it ended", async () => {
    const { ShardId, SequenceNumber } = await put("1");
    expect(SequenceNumber).toMatch(/^\d{56}$/);
    const data = ["2", "3"].map((text) => ({ PartitionKey: "a", Data: Buffer.from(text) }));
    const { Records, FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records: data }));
    expect(FailedRecordCount).toBe(0);
    expect(Records?.map((record) => record.ShardId)).toEqual([ShardId, ShardId]);

    const ShardIterator = await iterator(ShardId);
    const first = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
    expect(first.Records).toMatchObject([{ PartitionKey: "a", SequenceNumber }]);
    expect(first.Records?.[0]?.ApproximateArrivalTimestamp).toBeInstanceOf(Date);
    expect(first.MillisBehindLatest).toBeGreaterThan(0);
    expect(await textsFrom(first.NextShardIterator)).toEqual(["2", "3"]);

    const StartingSequenceNumber = Records?.[0]?.SequenceNumber;
    const at = { ShardIteratorType: "AT_SEQUENCE_NUMBER" as const, StartingSequenceNumber };
    expect(await textsFrom(await iterator(ShardId, at))).toEqual(["2", "3"]);
    const after = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER" as const, StartingSequenceNumber };
    expect(await textsFrom(await iterator(ShardId, after))).toEqual(["3"]);
    const latest = await iterator(ShardId, { ShardIteratorType: "LATEST" });
    expect(await textsFrom(latest)).toEqual([]);
    await put("4");
    expect(await textsFrom(latest)).toEqual(["4"]);
  });

  it("puts a record into the shard that its explicit hash key says", async () => {
    const [first, second] = ["0", String(2n ** 128n - 1n)].map(
      (ExplicitHashKey) =>
        new PutRecordCommand({ StreamName, PartitionKey: "a", ExplicitHashKey, Data: Buffer.from("x") }),
    ) as [PutRecordCommand, PutRecordCommand];
    expect(await client.send(first)).toMatchObject({ ShardId: "shardId-000000000000" });
    expect(await client.send(second)).toMatchObject({ ShardId: "shardId-000000000001" });
  });

  it("refuses a record that is too large, and iterators that nobody was given", async () => {
    await put("x".repeat(1_048_575));
    await expect(put("x".repeat(1_048_576))).rejects.toMatchObject({ name: "ValidationException" });
    await expect(textsFrom("none")).rejects.toMatchObject({ name: "InvalidArgumentException" });
  });

  it("lets a role do what its statements say", async () => {
    const place = { region: "eu-west-1", accountId: "123456789012" };
    const roles = iam(place);
    const Statement = [{ Effect: "Allow", Action: "kinesis:CreateStream", Resource: StreamARN }];
    const Policies = [{ PolicyName: "p", PolicyDocument: { Statement } }];
    await emulatedResource(roles, "AWS::IAM::Role", { RoleName: "maker", Policies });
    const accessKeyId = roles.accessKeyOf("arn:aws:iam::123456789012:role/maker");
    const service = kinesis(place, roles);
    const call = (operation: string) =>
      service.answer({
        ...anAwsCall(`Kinesis_20131202.${operation}`, Buffer.from(`{"StreamName":"${StreamName}"}`)),
        accessKeyId,
      });
    expect(await call("CreateStream")).toMatchObject({ status: 200 });
    expect(await call("ListShards")).toMatchObject({
      status: 400,
      body: expect.stringContaining("is not authorized to perform kinesis:ListShards"),
    });
  });
});
