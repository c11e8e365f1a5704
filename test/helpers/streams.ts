/** Events of streams. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { anEnvelope } from "./deliveries.ts";

/** A delivery of CloudWatch Logs, as it is in a record. */
export function packed(...messages: string[]): Buffer {
  return gzipSync(anEnvelope(messages));
}

/** What CloudWatch Logs sends to see whether a stream takes anything. */
export function controlMessage(): Buffer {
  const message = "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.";
  const given = { messageType: "CONTROL_MESSAGE", owner: "CloudwatchLogs", logGroup: "", logStream: "" };
  return gzipSync(anEnvelope([{ id: "", message }], given));
}

export function kinesisEvent(...data: (Buffer | string)[]) {
  return {
    Records: data.map((bytes, index) => ({
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `shardId-000000000000:s${index}`,
      eventName: "aws:kinesis:record",
      awsRegion: "eu-west-1",
      eventSourceARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/logs",
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: "p",
        sequenceNumber: `s${index}`,
        data: typeof bytes === "string" ? bytes : bytes.toString("base64"),
        approximateArrivalTimestamp: 1_795_226_069.5,
      },
    })),
  };
}

export function kafkaEvent(...values: (Buffer | string | null)[]) {
  return {
    eventSource: "aws:kafka",
    eventSourceArn: "arn:aws:kafka:eu-west-1:123456789012:cluster/logs/abc-1",
    bootstrapServers: "b-1.logs.abc.c1.kafka.eu-west-1.amazonaws.com:9098",
    records: {
      "logs-0": values.map((bytes, offset) => ({
        topic: "logs",
        partition: 0,
        offset,
        timestamp: 1_795_226_069_000,
        timestampType: "CREATE_TIME",
        value: Buffer.isBuffer(bytes) ? bytes.toString("base64") : bytes,
        headers: [],
      })),
    },
  };
}

export function firehoseEvent(...data: (Buffer | string)[]) {
  return {
    invocationId: "i",
    deliveryStreamArn: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/logs",
    region: "eu-west-1",
    records: data.map((bytes, index) => ({
      recordId: `r${index}`,
      approximateArrivalTimestamp: 1_795_226_069_000,
      data: typeof bytes === "string" ? bytes : bytes.toString("base64"),
    })),
  };
}

/** Records as the Kinesis Producer Library puts them together. */
export function aggregated(...records: Buffer[]): Buffer {
  const inner = records.map((data) => field(3, Buffer.concat([varintField(1, 0), field(3, data)])));
  const message = Buffer.concat([field(1, Buffer.from("p")), ...inner]);
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, createHash("md5").update(message).digest()]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varintField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}
