import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

export interface EventGiven {
  id?: string;
  timestamp?: number;
  message: string;
}

export interface EnvelopeGiven {
  messageType?: string;
  owner?: string;
  logGroup?: string;
  logStream?: string;
}

export const A_STREAM = "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef";
export const A_REQUEST = "14ff4e83-8583-4905-92dc-a089e4ee6e6f";

/** The JSON inside a delivery, in the shape CloudWatch writes. */
export function anEnvelope(messages: (string | EventGiven)[], given: EnvelopeGiven = {}): string {
  return JSON.stringify({
    messageType: "DATA_MESSAGE",
    owner: "123456789012",
    logGroup: "/aws/lambda/thinker-microservice",
    logStream: A_STREAM,
    subscriptionFilters: ["forwarder"],
    ...given,
    logEvents: messages.map((message, index) => ({
      id: String(index).padStart(56, "3"),
      timestamp: 1_795_226_069_000 + index,
      ...(typeof message === "string" ? { message } : message),
    })),
  });
}

/** A Lambda event as CloudWatch Logs sends it. */
export function aDelivery(messages: (string | EventGiven)[], given: EnvelopeGiven = {}): { awslogs: { data: string } } {
  return deliveryOf(anEnvelope(messages, given));
}

/** A Lambda event around any bytes. */
export function deliveryOf(content: string | Buffer): { awslogs: { data: string } } {
  return { awslogs: { data: gzipSync(content).toString("base64") } };
}

/** What a real function printed: one message a log event. */
export function capturedMessages(file: string): string[] {
  const text = readFileSync(path.join(__dirname, "../captures", file), "utf8");
  const lines = text.split("\n").filter(Boolean);
  return file.endsWith(".jsonl")
    ? lines.map((line) => (JSON.parse(line) as { message?: string }).message ?? line)
    : lines;
}
