/** The AWS SDK's clients, as a test speaks to the emulator. */
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";

export interface SdkClients {
  kinesis: KinesisClient;
  lambda: LambdaClient;
  s3: S3Client;
  sns: SNSClient;
  sqs: SQSClient;
}

export function sdkClients({ endpoint }: { endpoint: string }): SdkClients {
  const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "test" };
  const given = { endpoint, region: "eu-west-1", credentials };
  const sqs = new SQSClient(given);
  return {
    // The client of Kinesis speaks HTTP/2 by default, and the emulator HTTP/1.1, as the other clients do.
    kinesis: new KinesisClient({ ...given, requestHandler: sqs.config.requestHandler }),
    lambda: new LambdaClient(given),
    s3: new S3Client({ ...given, forcePathStyle: true }),
    sns: new SNSClient(given),
    sqs,
  };
}
