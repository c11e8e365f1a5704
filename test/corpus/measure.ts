/** Reads scenarios as the forwarder does, and compares each log's link with where it was written. */

import { gzipSync } from "node:zlib";
import { lowHalf } from "../../src/formats/trace-ids.ts";
import { readTelemetry } from "../../src/pipeline.ts";
import type { LinkMethod, LogRecord, RememberedRequest, SpanTable } from "../../src/telemetry.ts";
import type { RequestMemory, SharedMemory } from "../../src/transforms/recollection.ts";
import { linkOf } from "../helpers/links.ts";
import type { Line, Truth } from "./request.ts";
import type { Scenario } from "./scenarios.ts";

export type Verdict = "exact" | "coarse" | "deeper" | "unlinked" | "none" | "wrong";

export interface Judged {
  verdict: Verdict;
  method: LinkMethod;
  line: Line;
  found: string;
}

const FORWARDER = {
  functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:forwarder",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:forwarder",
  functionName: "forwarder",
  functionVersion: "",
  region: "eu-west-1",
  version: "0.0.0",
  logGroup: "/aws/lambda/forwarder",
};

/** @param hasTable whether its processes share what they know */
export async function judge({ stream, deliveries }: Scenario, hasTable: boolean): Promise<Judged[]> {
  const memories = new Map<number, RequestMemory>();
  const table = new Map<string, RememberedRequest>();
  const freeTables: SpanTable[] = [];
  const judged: Judged[] = [];
  for (const { lines, process } of deliveries) {
    const memory = memories.get(process) ?? {};
    memories.set(process, memory);
    memory.shared = hasTable ? sharedOf(table) : undefined;
    for await (const { telemetry } of readTelemetry(deliveryOf(lines, stream), FORWARDER, freeTables, { memory }))
      for (const { logs } of telemetry) for (const log of logs) judged.push(verdictOn(log, lines[log.index] as Line));
    await memory.shared?.settle();
  }
  return judged;
}

function verdictOn(log: LogRecord, line: Line): Judged {
  const { traceId, spanId } = linkOf(log);
  const found = `${traceId}-${spanId}`;
  return { verdict: line.truth ? compare(traceId, spanId, line.truth) : "wrong", method: log.linkMethod, line, found };
}

function compare(traceId: string, spanId: string, truth: Truth): Verdict {
  if (traceId === "") return truth.traceId === "" ? "none" : "unlinked";
  const isTrace = lowHalf(traceId) === lowHalf(truth.traceId) && (traceId === truth.traceId || /^0{16}/.test(traceId));
  if (!isTrace) return "wrong";
  if (spanId === (truth.spanIds[0] ?? "")) return "exact";
  if (spanId === "" || truth.spanIds.includes(spanId)) return "coarse";
  return truth.deeper.includes(spanId) ? "deeper" : "wrong";
}

/** A table without a network. */
function sharedOf(table: Map<string, RememberedRequest>): SharedMemory {
  const told: RememberedRequest[] = [];
  const recall = async (stream: string, ids: string[]): Promise<RememberedRequest[]> =>
    ids.flatMap((id) => table.get(id + stream) ?? []);
  return {
    recall,
    remember: (request) => void told.push(request),
    holds: false,
    await: recall,
    settle: async () => {
      for (const request of told.splice(0)) table.set(request.requestId + request.stream, request);
    },
  };
}

function deliveryOf(lines: Line[], logStream: string): object {
  const envelope = {
    messageType: "DATA_MESSAGE",
    owner: "123456789012",
    logGroup: "/aws/lambda/thinker",
    logStream,
    subscriptionFilters: ["forwarder"],
    logEvents: lines.map(({ message, unixMs }, index) => ({
      id: String(index).padStart(56, "3"),
      timestamp: unixMs,
      message,
    })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(envelope), { level: 1 }).toString("base64") } };
}
