import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type DynamoDb, dynamoDb } from "../emulator/dynamodb.ts";
import { operationOf } from "../emulator/protocols.ts";
import type { AwsCall } from "../emulator/service.ts";
import { anAwsCall } from "./aws-call.ts";

/** What a call is answered with instead: an error of that code, nothing, or the half of what it asks for, undone. */
export type TableFault = "hang" | "unprocessed" | { code: string; status?: number };

export interface TableServer {
  /** The variables by which AWS SDKs use the server. */
  environment: Record<string, string>;
  /** The calls that came, in order: name and how many items. */
  calls: string[];
  items: ReturnType<DynamoDb["items"]>;
  /** From now on, for so many calls of that name. */
  faulty(fault: TableFault, name?: string, times?: number): void;
  /** Before each answer. */
  delay(ms: number): void;
  stop(): Promise<void>;
}

export const TABLE = "traces";

/** DynamoDB alone on a local port, with one table and with faults. */
export async function startTableServer(): Promise<TableServer> {
  const service = dynamoDb({ region: "eu-west-1", accountId: "123456789012" }, { authorize: () => {} });
  const calls: string[] = [];
  let faults: { fault: TableFault; name: string; left: number }[] = [];
  let delayMs = 0;
  const create = {
    TableName: TABLE,
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  };
  await service.answer(anAwsCall("DynamoDB_20120810.CreateTable", Buffer.from(JSON.stringify(create))));

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = anAwsCall((request.headers["x-amz-target"] as string) ?? "", Buffer.concat(chunks));
    const { RequestItems } = JSON.parse(call.body.toString());
    const asked = RequestItems[TABLE]?.Keys ?? RequestItems[TABLE] ?? [];
    calls.push(`${operationOf(call)} ${asked.length}`);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    const found = faults.find(({ name, left }) => left > 0 && operationOf(call).includes(name));
    if (found) found.left--;
    const headers = { "content-type": "application/x-amz-json-1.0" };
    if (found?.fault === "hang") return;
    if (found?.fault === "unprocessed") {
      const half = Math.ceil(asked.length / 2);
      const isRead = operationOf(call) === "BatchGetItem";
      const [undone, done] = [asked.slice(0, half), asked.slice(half)];
      const answer = done.length > 0 ? JSON.parse(String((await service.answer(bodyOf(isRead, done))).body)) : {};
      const rest = isRead
        ? { UnprocessedKeys: { [TABLE]: { Keys: undone } } }
        : { UnprocessedItems: { [TABLE]: undone } };
      response.writeHead(200, headers).end(JSON.stringify({ ...answer, ...rest }));
      return;
    }
    if (found) {
      const { code, status = 400 } = found.fault as { code: string; status?: number };
      response.writeHead(status, headers).end(JSON.stringify({ __type: code, message: code }));
      return;
    }
    const answer = await service.answer(call);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "eu-west-1",
    },
    calls,
    items: service.items(TABLE),
    faulty: (fault, name = "", times = Number.POSITIVE_INFINITY) => void faults.push({ fault, name, left: times }),
    delay: (ms) => {
      delayMs = ms;
    },
    stop: () =>
      new Promise((resolve) => {
        faults = [];
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bodyOf(isRead: boolean, asked: unknown[]): AwsCall {
  const input = { RequestItems: { [TABLE]: isRead ? { Keys: asked } : asked } };
  return anAwsCall(`any.${isRead ? "BatchGetItem" : "BatchWriteItem"}`, Buffer.from(JSON.stringify(input)));
}
