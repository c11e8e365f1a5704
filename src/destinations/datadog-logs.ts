/**
 * Datadog's logs intake, v2.
 *
 * Limits: 1,000 items and 5 MB a request, 1 MB an item. Answers: 202 is taken; 408, 429 and 5xx are worth another try;
 * other 4xx are not.
 *
 * @see https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
import { messageOf } from "../formats/message.ts";
import type { Forwarder, LogRecord, Resource, ResourceTelemetry } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { ItemTail } from "./datadog-item-tail.ts";
import { datadogOutcome } from "./datadog-outcome.ts";
import type { Destination } from "./destination.ts";

const MAX_ITEM_BYTES = 1_000_000;
const TRUNCATION_MARK = "...TRUNCATED...";

export interface DatadogLogsSettings {
  site: string;
  /** "" for the site's own. */
  logsHost: string;
  logsPort: number;
  noSsl: boolean;
  /** Comma list of `key:value`. */
  tags: string;
}

export function datadogLogs(settings: DatadogLogsSettings, forwarder: Forwarder): Destination {
  const scheme = settings.noSsl ? "http" : "https";
  const host = settings.logsHost || `http-intake.logs.${settings.site}`;
  // The slices of a log stream come one after the other with one resource.
  let last: { resource: Resource; tail: ItemTail } | undefined;
  const tailOf = (resource: Resource): ItemTail => {
    if (last?.resource !== resource) {
      last = { resource, tail: new ItemTail(`${metadata(resource, settings, forwarder)}}`) };
    }
    return last.tail;
  };
  return {
    name: "datadog-logs",
    url: `${scheme}://${host}:${settings.logsPort}/api/v2/logs`,
    headers: {
      "content-type": "application/json",
      "dd-evp-origin": "aws_forwarder",
      "dd-evp-origin-version": forwarder.version,
    },
    limits: { maxItems: 1_000, maxBytes: 5_000_000 },
    framing: { opening: Buffer.from("["), separator: Buffer.from(","), closing: Buffer.from("]") },
    encode(telemetry) {
      const tail = tailOf(telemetry.resource);
      return {
        count: telemetry.logs.length,
        write: (index, to) => {
          const record = telemetry.logs[index] as LogRecord;
          writeItem(record, telemetry, tail.of(record), to);
        },
      };
    },
    outcome: datadogOutcome,
  };
}

/** The event's own bytes, then its tail. */
function writeItem(record: LogRecord, telemetry: ResourceTelemetry, tail: Buffer, to: ByteWriter): void {
  const start = to.length;
  writeEvent(record, record.body, telemetry, to);
  to.bytes(tail);
  const excess = to.length - start - MAX_ITEM_BYTES;
  if (excess <= 0) return;
  to.truncate(start);
  writeEvent(record, shortened(messageOf(record, telemetry.slice), excess), telemetry, to);
  to.bytes(tail);
}

/** @param body the message, decoded; null: as it came */
function writeEvent(record: LogRecord, body: string | null, { slice }: ResourceTelemetry, to: ByteWriter): void {
  if (body === null) {
    to.bytes(slice.bytes, record.start, record.end);
    return;
  }
  to.bytes(slice.bytes, record.start, record.message);
  to.utf8(JSON.stringify(body).slice(1));
  to.bytes(slice.bytes, record.messageEnd + 1, record.end);
}

/** Cuts a message so that it takes at least `excess` fewer bytes as JSON, and marks the cut. */
function shortened(message: string, excess: number): string {
  const target = Buffer.byteLength(JSON.stringify(message)) - excess;
  let cut = message;
  while (cut !== "" && Buffer.byteLength(JSON.stringify(cut + TRUNCATION_MARK)) > target) {
    const tooLong = Buffer.byteLength(JSON.stringify(cut + TRUNCATION_MARK)) - target;
    // A character of JSON takes six bytes at most, so this many characters can go without cutting too much.
    cut = cut.slice(0, Math.max(0, cut.length - Math.max(1, Math.floor(tooLong / 6))));
  }
  // Half of a surrogate pair is no character.
  return cut.replace(/[\ud800-\udbff]$/, "") + TRUNCATION_MARK;
}

/** Everything that is the same for all logs of a resource, in the Datadog Forwarder's names. */
function metadata({ attributes, source }: Resource, settings: DatadogLogsSettings, forwarder: Forwarder): string {
  const functionArn = attributes["cloud.resource_id"];
  const service = attributes["service.name"];
  const item = {
    ddsource: source,
    ddsourcecategory: "aws",
    ddtags: tags(attributes, settings, forwarder).join(","),
    service,
    host: functionArn ?? attributes["aws.log.group.names"],
    aws: {
      awslogs: {
        logGroup: attributes["aws.log.group.names"],
        logStream: attributes["aws.log.stream.names"],
        owner: attributes["cloud.account.id"],
      },
      invoked_function_arn: forwarder.functionArn,
    },
    ...(functionArn && { lambda: { arn: functionArn } }),
  };
  return `,${JSON.stringify(item).slice(1, -1)}`;
}

function tags(attributes: Record<string, string>, settings: DatadogLogsSettings, forwarder: Forwarder): string[] {
  const given = settings.tags
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);
  const all = [
    ...given,
    `forwardername:${forwarder.functionName.toLowerCase()}`,
    `forwarder_version:${forwarder.version}`,
  ];
  if (!attributes["faas.name"]) return all;
  if (!given.some((tag) => tag.startsWith("env:"))) all.push("env:none");
  return [
    ...all,
    `aws_account:${attributes["cloud.account.id"]}`,
    `functionname:${attributes["faas.name"]}`,
    `region:${attributes["cloud.region"]}`,
    ...(given.some((tag) => tag.startsWith("service:")) ? [] : [`service:${attributes["service.name"]}`]),
  ];
}
