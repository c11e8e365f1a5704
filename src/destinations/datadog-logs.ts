/**
 * Datadog's logs intake, v2.
 *
 * Limits: 1,000 items and 5 MB a request, 1 MB an item.
 *
 * @see https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
import { messageOf } from "../formats/message.ts";
import { Needle } from "../formats/needle.ts";
import type { Forwarder, LogRecord, Resource, ResourceTelemetry, Slice } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { ItemTail } from "./datadog-item-tail.ts";
import type { Claims } from "./datadog-message-claims.ts";
import { datadogOutcome } from "./datadog-outcome.ts";
import { type DatadogTagSettings, tagsOf } from "./datadog-tags.ts";
import type { Destination } from "./destination.ts";

/** Less than the intake's limit: an item that is sent again later gets its original time besides. */
const MAX_ITEM_BYTES = 999_000;
const TRUNCATION_MARK = "...TRUNCATED...";

/** In the bytes of a slice, and the part of it that is searched: it begins with a rare character. */
const [TAGS_KEY, TAGS_PART] = ['ddtags\\"', 'gs\\"'];

type Reader = typeof import("./datadog-message-claims.ts");

/** Loaded by the first slice with a message that may claim something. */
let reader: Reader | undefined;

export interface DatadogLogsSettings extends DatadogTagSettings {
  site: string;
  /** "" for the site's own. */
  logsHost: string;
  logsPort: number;
  noSsl: boolean;
  enrichS3Tags: boolean;
  enrichCloudwatchTags: boolean;
  stepFunctionsTraceEnabled: boolean;
}

export function datadogLogs(settings: DatadogLogsSettings, forwarder: Forwarder): Destination {
  const host = settings.logsHost || `http-intake.logs.${settings.site}`;
  // The slices of a log stream come one after the other with one resource.
  let last: Resource | undefined;
  let lastTails: Tails;
  /** Until it is encoded: this here lives longer, and would keep the slice. */
  let looked: Slice | undefined;
  let hasClaims = false;
  return {
    name: "datadog-logs",
    backend: "datadog",
    kind: "logs",
    url: `${settings.noSsl ? "http" : "https"}://${host}:${settings.logsPort}/api/v2/logs`,
    headers: headersOf(settings, forwarder),
    limits: { maxItems: 1_000, maxBytes: 5_000_000 },
    framing: { opening: Buffer.from("["), separator: Buffer.from(","), closing: Buffer.from("]") },
    prepare: (telemetry) => (reader || !mayClaim(telemetry) ? undefined : loadReader()),
    encode(telemetry) {
      const { resource, slice, logs } = telemetry;
      if (last !== resource) lastTails = tailsOf(resource, settings, forwarder);
      last = resource;
      const tails = lastTails;
      // Loaded by now, if it may.
      const claimsOf = mayClaim(telemetry) ? (reader as Reader).claimsOf : undefined;
      looked = undefined;
      return {
        count: logs.length,
        write: (index, to) => {
          const record = logs[index] as LogRecord;
          const claims = claimsOf?.(record, slice, resource);
          if (claims)
            writeItem({ ...record, body: claims.body }, slice, tails.of(claims).of(record), to, claims.members);
          else writeItem(record, slice, tails.usual.of(record), to);
        },
      };
    },
    outcome: datadogOutcome,
  };

  /** Whether a message of the slice may say what its item has to say instead. */
  function mayClaim({ resource, slice, logs }: ResourceTelemetry): boolean {
    if (logs.length === 0) return false;
    if (resource.source === "cloudtrail" || resource.hasObjects) return true;
    if (looked !== slice) {
      looked = slice;
      hasClaims = new Needle(slice.text, TAGS_KEY, TAGS_PART).isBetween(0, slice.text.length);
    }
    return hasClaims;
  }
}

async function loadReader(): Promise<void> {
  reader ??= await import("./datadog-message-claims.ts");
}

/** The storage of whose tags Datadog adds to the logs, and what else it does with them, is told by headers. */
function headersOf(settings: DatadogLogsSettings, forwarder: Forwarder): Record<string, string> {
  const storage = [settings.enrichS3Tags && "s3", settings.enrichCloudwatchTags && "cloudwatch"].filter(Boolean);
  return {
    "content-type": "application/json",
    "dd-evp-origin": "aws_forwarder",
    "dd-evp-origin-version": forwarder.version,
    ...(storage.length > 0 && { "dd-storage-tag": storage.join(",") }),
    ...(settings.stepFunctionsTraceEnabled && { "dd-step-functions-trace-enabled": "true" }),
  };
}

/** The tails of a resource's items. */
interface Tails {
  usual: ItemTail;
  of(claims: Claims): ItemTail;
}

/** Logs of one stream that claim anything claim the same. */
const MAX_REMEMBERED_CLAIMS = 100;

function tailsOf(resource: Resource, settings: DatadogLogsSettings, forwarder: Forwarder): Tails {
  const tailOf = (ddtags: string, host: string): ItemTail =>
    new ItemTail(metadata(resource, settings, forwarder, ddtags, host));
  const known = new Map<string, ItemTail>();
  return {
    usual: tailOf("", ""),
    of({ ddtags, host }) {
      const key = `${host}\n${ddtags}`;
      const tail = known.get(key) ?? tailOf(ddtags, host);
      if (known.size >= MAX_REMEMBERED_CLAIMS) known.clear();
      known.set(key, tail);
      return tail;
    },
  };
}

/**
 * The event's own bytes, then its tail; shortened when that is more than the intake takes.
 *
 * @param members instead of the event, where they fit
 */
function writeItem(record: LogRecord, slice: Slice, tail: Buffer, to: ByteWriter, members?: string): void {
  const start = to.length;
  if (members) {
    to.utf8(members);
    to.bytes(tail);
  } else writeWhole(record, record.body, slice, tail, to);
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

/**
 * Everything that is the same for all logs of a resource, in the Datadog Forwarder's names, and the end of the item.
 *
 * @param ddtags the message's; "" = none
 * @param host the message's; "" = none
 */
function metadata(
  resource: Resource,
  settings: DatadogLogsSettings,
  forwarder: Forwarder,
  ddtags: string,
  host: string,
): string {
  const { attributes, source } = resource;
  const functionArn = attributes["cloud.resource_id"];
  const logGroup = attributes["aws.log.group.names"];
  const key = attributes["aws.s3.key"];
  const item = {
    ddsource: source,
    ddsourcecategory: "aws",
    ...tagsOf(resource, settings, forwarder, ddtags),
    host: host || (functionArn ?? logGroup),
    aws: {
      ...(logGroup !== undefined && {
        awslogs: {
          logGroup,
          logStream: attributes["aws.log.stream.names"],
          owner: attributes["cloud.account.id"],
        },
      }),
      ...(key && { s3: { bucket: attributes["aws.s3.bucket"], key } }),
      invoked_function_arn: forwarder.invokedFunctionArn,
      ...(forwarder.functionVersion && { function_version: forwarder.functionVersion }),
    },
    ...(functionArn && { lambda: { arn: functionArn } }),
  };
  return `,${JSON.stringify(item).slice(1)}`;
}
