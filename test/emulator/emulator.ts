import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { pipeline } from "node:stream";
import { type CloudFormation, cloudFormation } from "./cloudformation.ts";
import { cloudWatch } from "./cloudwatch.ts";
import { type CustomResources, customResources } from "./custom-resources.ts";
import { type DynamoDb, dynamoDb } from "./dynamodb.ts";
import { ecr } from "./ecr.ts";
import { eventBridge } from "./events.ts";
import { iam } from "./iam.ts";
import { type Kinesis, kinesis } from "./kinesis.ts";
import { kms } from "./kms.ts";
import { type Lambda, lambda } from "./lambda.ts";
import { cloudWatchLogs, type Logs } from "./logs.ts";
import { operationOf } from "./protocols.ts";
import { type S3, s3 } from "./s3.ts";
import { withRights } from "./s3-rights.ts";
import { secretsManager } from "./secrets-manager.ts";
import { type AwsAnswer, type AwsCall, AwsError, NotEmulated, type Service } from "./service.ts";
import { type Sns, sns } from "./sns.ts";
import { type Sqs, sqs } from "./sqs.ts";
import { ssm } from "./ssm.ts";
import { type StreamMappings, streamMappings } from "./stream-mapping.ts";
import { sts } from "./sts.ts";
import { resourceGroupsTagging } from "./tagging.ts";

export interface Emulator {
  endpoint: string;
  /** The variables by which AWS SDKs and the serverless command use the emulator. */
  environment: Record<string, string>;
  /** The calls that came and that the emulator does not have, such as `logs PutBearerTokenAuthentication`. */
  unknownCalls: string[];
  /** To look into buckets and queues, and to disturb calls. */
  s3: S3;
  sqs: Sqs;
  sns: Sns;
  kinesis: Kinesis;
  streamMappings: StreamMappings;
  dynamoDb: DynamoDb;
  logs: Logs;
  lambda: Lambda;
  customResources: CustomResources;
  /** The resources of a stack, as they were deployed. */
  resources: CloudFormation["resources"];
  /** Everything that exists, a readable name each. */
  contents(): string[];
  /** Ends when no function runs asynchronously and no stack is being changed. */
  idle(): Promise<void>;
  /** Lets the time of every schedule come, and ends when no function runs any more. */
  runSchedules(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a small AWS on a local port, empty. */
export async function startEmulator(region = "eu-west-1"): Promise<Emulator> {
  const place = { region, accountId: "123456789012" };
  const unknownCalls: string[] = [];
  const server = createServer(async (request, response) => {
    const { status, headers, body, stream } = await callOf(request).then(answer).catch(answerToError);
    response.writeHead(status, headers);
    if (stream) pipeline(stream, response, () => response.destroy());
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const roles = iam(place);
  const buckets = s3(place);
  const functions = lambda(place, {
    iam: roles,
    readObject: buckets.object,
    writeLog: (...line) => logs.write(...line),
    sendMessage: (...message) => queues.send(...message),
    environment: environmentFor,
    hostModule: path.resolve("dist/cli/function-host.mjs"),
  });
  const logs = cloudWatchLogs(place, functions, roles);
  const queues = sqs(place, endpoint, roles);
  const topics = sns(place, functions, queues);
  const streams = kinesis(place, roles);
  const mappings = streamMappings(place, {
    ...{ kinesis: streams, invoke: functions.invoke, arnOfFunction: functions.arnOf, sendMessage: queues.send },
  });
  const rules = eventBridge(place, functions);
  const tables = dynamoDb(place, roles);
  const custom = customResources(place, endpoint, functions);
  logs.onCreated((logGroupName) => rules.publish(createdEvent(logGroupName)));
  const providers = {
    iam: roles,
    s3: withRights(buckets, roles),
    lambda: functions,
    logs,
    sqs: queues,
    kinesis: streams,
    "an event source mapping": mappings,
    events: rules,
    dynamodb: tables,
    monitoring: cloudWatch(),
    "an answer of a custom resource": custom,
  };
  const stacks = cloudFormation(
    place,
    Object.assign({}, ...Object.values(providers).map(({ resourceTypes }) => resourceTypes)),
    buckets.object,
  );
  const services: Record<string, Service> = {
    ...providers,
    cloudformation: stacks,
    kms: kms(place, roles),
    sns: topics,
    secretsmanager: secretsManager(place, roles),
    ssm: ssm(place, roles),
    sts: sts(place),
    tagging: resourceGroupsTagging(roles),
    ecr: ecr(),
  };

  return {
    endpoint,
    environment: environmentFor("AKIDTEST"),
    unknownCalls,
    s3: buckets,
    sqs: queues,
    sns: topics,
    kinesis: streams,
    streamMappings: mappings,
    dynamoDb: tables,
    logs,
    lambda: functions,
    customResources: custom,
    resources: stacks.resources,
    contents: () => Object.values(services).flatMap((service) => service.contents()),
    async idle() {
      await stacks.idle();
      await mappings.idle();
      await functions.idle();
    },
    async runSchedules() {
      rules.runSchedules();
      await functions.idle();
    },
    async stop() {
      await stacks.idle();
      await functions.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  /** What CloudTrail has of a call, as EventBridge tells it. */
  function createdEvent(logGroupName: string) {
    return {
      source: "aws.logs",
      "detail-type": "AWS API Call via CloudTrail",
      account: place.accountId,
      region,
      detail: {
        eventSource: "logs.amazonaws.com",
        eventName: "CreateLogGroup",
        requestParameters: { logGroupName },
      },
    };
  }

  async function answer(call: AwsCall): Promise<AwsAnswer> {
    const name = `${call.service} ${operationOf(call)}`;
    const service = services[call.service];
    const answered = await (service?.answer(call) ?? Promise.reject(new NotEmulated(name))).catch(answerToError);
    if (answered.status === 501) unknownCalls.push(name);
    return answered;
  }

  function environmentFor(accessKeyId: string): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: region,
    };
  }
}

/** Every SDK signs its calls, and the signature names the caller's key and the service. */
async function callOf(request: IncomingMessage): Promise<AwsCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url ?? "/", "http://emulator");
  const unsigned = url.pathname.startsWith("/custom-resources/")
    ? "an answer of a custom resource"
    : "an unsigned call";
  const [, accessKeyId = "", service = unsigned] =
    /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
  return {
    service,
    accessKeyId,
    method: request.method ?? "GET",
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}

/** For errors that the protocol of a service has not already written down. */
function answerToError(error: Error): AwsAnswer {
  return error instanceof AwsError
    ? errorAnswer(error.status, error.code, error.message)
    : errorAnswer(500, "InternalFailure", error.stack ?? error.message);
}

function errorAnswer(status: number, code: string, message: string): AwsAnswer {
  const headers = { "content-type": "application/json", "x-amzn-errortype": code };
  return { status, headers, body: JSON.stringify({ __type: code, message }) };
}
