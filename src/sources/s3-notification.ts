/**
 * Which objects S3 says were made, wherever it says so: to the function, through SNS, SQS, both, or EventBridge.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { isObject } from "./envelope.ts";
import type { ObjectPlace, UnfinishedObject } from "./source.ts";

export interface Notified {
  objects: (ObjectPlace | UnfinishedObject)[];
  /** Notices of something else, as that an object was deleted, and of S3 that only tries whether it may notify. */
  others: number;
}

/** What a text tells, if it is S3's notification, EventBridge's event of S3, or an SNS message with one of these. */
export function notifiedIn(text: string): Notified | undefined {
  // A cheap look: most texts are something else.
  if (!text.includes("aws:s3") && !text.includes("aws.s3") && !text.includes("s3:TestEvent")) return undefined;
  const value = parse(text);
  if (!isObject(value)) return undefined;
  if (value.Type === "Notification" && typeof value.Message === "string") return notifiedIn(value.Message);
  return notifiedBy(value) ?? notifiedByEventBridge(value);
}

/** What an event of S3 itself tells; undefined for another. */
export function notifiedBy({ Records: records, Event, Service }: Record<string, unknown>): Notified | undefined {
  if (Event === "s3:TestEvent" && Service === "Amazon S3") return { objects: [], others: 1 };
  if (!Array.isArray(records) || !isObject(records[0]) || records[0].eventSource !== "aws:s3") return undefined;
  const notified: Notified = { objects: [], others: 0 };
  for (const record of records) {
    const place = placeIn(record);
    if (place) notified.objects.push(place);
    else notified.others++;
  }
  return notified;
}

/** Keys are as they are there, not URL-encoded. */
export function notifiedByEventBridge({
  source,
  detail,
  region,
  ...event
}: Record<string, unknown>): Notified | undefined {
  if (source !== "aws.s3" || !isObject(detail) || !isObject(detail.bucket) || !isObject(detail.object))
    return undefined;
  const { name } = detail.bucket;
  const { key } = detail.object;
  const isCreated = event["detail-type"] === "Object Created";
  if (!isCreated || typeof name !== "string" || typeof key !== "string") return { objects: [], others: 1 };
  const versionId = detail.object["version-id"];
  return { objects: [{ bucket: name, key, region: textIn(region), versionId: textIn(versionId) }], others: 0 };
}

/** Keys are URL-encoded, spaces as `+`. */
function placeIn(record: unknown): ObjectPlace | UnfinishedObject | undefined {
  if (!isObject(record) || !isObject(record.s3)) return undefined;
  const { eventName, awsRegion, s3, unfinished } = record;
  const { bucket, object } = s3;
  if (!isObject(bucket) || !isObject(object) || !String(eventName ?? "").startsWith("ObjectCreated")) return undefined;
  if (typeof bucket.name !== "string" || typeof object.key !== "string") return undefined;
  const place = {
    bucket: bucket.name,
    key: decoded(object.key),
    region: textIn(awsRegion),
    versionId: textIn(object.versionId),
  };
  return isObject(unfinished) ? { ...place, ...resumedAt(unfinished) } : place;
}

/** What `eventOf` wrote; of anything else, the beginning. */
function resumedAt({ etag, isPacked, byte, line, state }: Record<string, unknown>): Partial<UnfinishedObject> {
  if (!Number.isSafeInteger(byte) || !Number.isSafeInteger(line) || !isObject(state)) return {};
  return { etag: textIn(etag), isPacked: isPacked === true, byte: byte as number, line: line as number, state };
}

/** The event that makes a forwarder go on with an object. */
export function eventOf(unfinished: UnfinishedObject): object {
  const { bucket, key, region: awsRegion, versionId, ...rest } = unfinished;
  const object = { key: encodeURIComponent(key), versionId };
  const record = {
    eventSource: "aws:s3",
    eventName: "ObjectCreated:",
    awsRegion,
    s3: { bucket: { name: bucket }, object },
  };
  return { Records: [{ ...record, unfinished: rest }] };
}

/** As it stands where it is no URL encoding. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return key;
  }
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
