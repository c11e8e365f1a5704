import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { cloudWatchLogs } from "../emulator/logs.ts";
import { operationOf } from "../emulator/protocols.ts";
import { AwsError, type Service } from "../emulator/service.ts";
import { resourceGroupsTagging } from "../emulator/tagging.ts";
import { anAwsCall } from "./aws-call.ts";

/** What a call is answered with instead: an error of that code, or nothing. */
export type TagFault = "hang" | { code: string; status?: number };

export interface TagServer {
  /** The variables by which AWS SDKs use the server. */
  environment: Record<string, string>;
  /** The names of the calls that came, in order. */
  calls: string[];
  /** From now on: for calls whose name and body have that text in them, and only so many. */
  faulty(fault: TagFault, text?: string, times?: number): void;
  /** Ends all faults. */
  heal(): void;
  tag(arn: string, tags: Record<string, string>): Promise<void>;
  untag(arn: string, ...keys: string[]): Promise<void>;
  tagLogGroup(name: string, tags: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

/** The Resource Groups Tagging API and CloudWatch Logs alone on a local port, with faults. */
export async function startTagServer(): Promise<TagServer> {
  const place = { region: "eu-west-1", accountId: "123456789012" };
  const tagging = resourceGroupsTagging({ authorize: () => {} });
  const logs = cloudWatchLogs(place, { mayBeInvoked: () => false, invokeAsync: () => {} });
  const calls: string[] = [];
  let faults: { fault: TagFault; text: string; left: number }[] = [];

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as Record<string, string>;
    const call = anAwsCall(headers["x-amz-target"] ?? "", Buffer.concat(chunks));
    const name = operationOf(call);
    calls.push(name);
    const found = faults.find(({ text, left }) => left > 0 && `${name} ${call.body}`.includes(text));
    if (found) found.left--;
    if (found?.fault === "hang") return;
    if (found) {
      const { code, status = 400 } = found.fault as { code: string; status?: number };
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ __type: code, message: code }));
      return;
    }
    const service = headers["x-amz-target"]?.startsWith("ResourceGroupsTagging") ? tagging : logs;
    const answer = await service.answer(call);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    environment: {
      AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint,
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: place.region,
    },
    calls,
    faulty: (fault, text = "", times = Number.POSITIVE_INFINITY) => void faults.push({ fault, text, left: times }),
    heal() {
      faults = [];
    },
    tag: (arn, Tags) => put(tagging, "TagResources", { ResourceARNList: [arn], Tags }),
    untag: (arn, ...TagKeys) => put(tagging, "UntagResources", { ResourceARNList: [arn], TagKeys }),
    async tagLogGroup(name, tags) {
      await put(logs, "CreateLogGroup", { logGroupName: name }).catch(() => {});
      await put(logs, "TagResource", { resourceArn: `arn:aws:logs:eu-west-1:123456789012:log-group:${name}`, tags });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function put(service: Service, operation: string, input: object): Promise<void> {
  const { status, body } = await service.answer(anAwsCall(`any.${operation}`, Buffer.from(JSON.stringify(input))));
  if (status !== 200) throw new AwsError("Refused", String(body), status);
}
