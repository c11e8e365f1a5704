/**
 * Datadog's logs intake, v2.
 *
 * Limits: 1,000 items and 5 MB a request, 1 MB an item.
 *
 * @see https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
import { messageOf } from "../formats/message.ts";
import type { Forwarder, LogRecord, Resource, Slice } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { ItemTail } from "./datadog-item-tail.ts";
import { datadogOutcome } from "./datadog-outcome.ts";
import type { Destination } from "./destination.ts";

/** Less than the intake's limit: an item that is sent again later gets its original time besides. */
const MAX_ITEM_BYTES = 999_000;
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
  const host = settings.logsHost || `http-intake.logs.${settings.site}`;
  // The slices of a log stream come one after the other with one resource.
  let last: Resource | undefined;
  let lastTail: ItemTail;
  return {
    name: "datadog-logs",
    kind: "logs",
    url: `${settings.noSsl ? "http" : "https"}://${host}:${settings.logsPort}/api/v2/logs`,
    headers: {
      "content-type": "application/json",
      "dd-evp-origin": "aws_forwarder",
      "dd-evp-origin-version": forwarder.version,
    },
    limits: { maxItems: 1_000, maxBytes: 5_000_000 },
    framing: { opening: Buffer.from("["), separator: Buffer.from(","), closing: Buffer.from("]") },
    encode({ resource, slice, logs }) {
      if (last !== resource) lastTail = new ItemTail(metadata(resource, settings, forwarder));
      last = resource;
      const tail = lastTail;
      return {
        count: logs.length,
        write: (index, to) => {
          const record = logs[index] as LogRecord;
          writeItem(record, slice, tail.of(record), to);
        },
      };
    },
    outcome: datadogOutcome,
  };
}

/** The event's own bytes, then its tail; shortened when that is more than the intake takes. */
function writeItem(record: LogRecord, slice: Slice, tail: Buffer, to: ByteWriter): void {
  const start = to.length;
  writeWhole(record, record.body, slice, tail, to);
  if (to.length - start <= MAX_ITEM_BYTES) return;
  to.length = start;
  const message = messageOf(record, slice);
  const marked = Buffer.concat([Buffer.from(`,"truncated":${Buffer.byteLength(message)}`), tail]);
  const room = MAX_ITEM_BYTES - (record.message - record.start) - TRUNCATION_MARK.length - marked.length;
  // What stands behind the message was extracted from it. It goes first where it would take most of the room.
  const end = (record.end - record.messageEnd) * 2 > room ? record.messageEnd + 1 : record.end;
  const body = beginningOf(message, room - end + record.messageEnd) + TRUNCATION_MARK;
  writeWhole({ ...record, end }, body, slice, marked, to);
}

/** @param body the message, decoded; null: as it came */
function writeWhole(record: LogRecord, body: string | null, { bytes }: Slice, tail: Buffer, to: ByteWriter): void {
  if (body === null) {
    to.bytes(bytes, record.start, record.end);
  } else {
    to.bytes(bytes, record.start, record.message);
    to.utf8(JSON.stringify(body).slice(1));
    to.bytes(bytes, record.messageEnd + 1, record.end);
  }
  to.bytes(tail);
}

/** As many whole characters of a message as take so many bytes as JSON. @param maxBytes less than 2^20 */
function beginningOf(message: string, maxBytes: number): string {
  let end = 0;
  let left = maxBytes;
  for (let step = 2 ** 19; step >= 1; step /= 2) {
    const bytes = Buffer.byteLength(JSON.stringify(message.slice(end, end + step))) - 2;
    if (bytes > left) continue;
    end += step;
    left -= bytes;
  }
  // Half of a surrogate pair is no character.
  return message.slice(0, end).replace(/[\ud800-\udbff]$/, "");
}

/** Everything that is the same for all logs of a resource, in the Datadog Forwarder's names, and the end of the item. */
function metadata({ attributes, source }: Resource, settings: DatadogLogsSettings, forwarder: Forwarder): string {
  const functionArn = attributes["cloud.resource_id"];
  const logGroup = attributes["aws.log.group.names"];
  const item = {
    ddsource: source,
    ddsourcecategory: "aws",
    ddtags: tags(attributes, settings, forwarder).join(","),
    service: attributes["service.name"],
    host: functionArn ?? logGroup,
    aws: {
      awslogs: {
        logGroup,
        logStream: attributes["aws.log.stream.names"],
        owner: attributes["cloud.account.id"],
      },
      invoked_function_arn: forwarder.functionArn,
    },
    ...(functionArn && { lambda: { arn: functionArn } }),
  };
  return `,${JSON.stringify(item).slice(1)}`;
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
  const isGiven = (key: string): boolean => given.some((tag) => tag.startsWith(key));
  const functionName = attributes["faas.name"];
  if (functionName) {
    if (!isGiven("env:")) all.push("env:none");
    all.push(
      `aws_account:${attributes["cloud.account.id"]}`,
      `functionname:${functionName}`,
      `region:${attributes["cloud.region"]}`,
    );
    if (!isGiven("service:")) all.push(`service:${attributes["service.name"]}`);
  }
  return all;
}
