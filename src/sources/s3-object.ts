/** The events in one object of S3, however large it is. */
import type { Resource } from "../telemetry.ts";
import { ContentReader, contentStateIn } from "./content-reader.ts";
import { EventWriter } from "./event-writer.ts";
import { type ObjectOrigin, originOf } from "./object-origin.ts";
import { eventOf } from "./s3-notification.ts";
import {
  type Cut,
  type ObjectPlace,
  type Part,
  type Reach,
  type UnfinishedObject,
  UnreadableEventError,
} from "./source.ts";
import { unpacked } from "./unpacked.ts";

/** `123456789012_CloudTrail_us-gov-west-1_20261121T0150Z_x.json.gz`, in any partition, and its digests and insights. */
const CLOUDTRAIL_KEY =
  /\d_cloudtrail(?:-digest|-insight)?_[a-z]{2,5}(?:-[a-z]{1,9}){1,3}-\d{1,2}_\d{8}t\d{4,6}z[^/]{0,200}\.json\.gz$/;
const LIMIT_SETTING = "S3_MAX_OBJECT_MEGABYTES";

/**
 * Its parts, in order. What is not read for want of time is noted among the unfinished.
 *
 * @param account that is known to own the bucket, 12 digits; "" = unknown
 * @throws {Error} that names the object, what is wrong with it and the remedy
 */
export async function* partsOfObject(
  place: ObjectPlace | UnfinishedObject,
  account: string,
  cut: Cut,
  reach: Reach,
): AsyncGenerator<Part> {
  const resumed = "byte" in place ? place : undefined;
  const origin = originOf(place, account);
  const writer = new EventWriter(resourceOfObject(place, origin), origin.account);
  const reader = new ContentReader(writer, {
    cut,
    beginsEvent: reach.beginsEvent,
    resumed: resumed && { ...resumed, state: contentStateIn(resumed.state) },
  });
  const { etag, pieces } = await reach.openObject(place, resumed && !resumed.isPacked ? resumed.byte : 0);
  let isPacked = resumed?.isPacked ?? false;
  try {
    for await (const chunk of contentOf()) {
      for (const part of reader.read(chunk, false)) {
        yield inRegion(part);
        if (isStopped()) return;
      }
    }
    for (const part of reader.read(Buffer.alloc(0), true)) yield inRegion(part);
  } catch (error) {
    yield* reader.flush();
    throw error instanceof UnreadableEventError
      ? new UnreadableEventError(`${nameOf(place)}: ${error.message}`)
      : error;
  }

  /** A delivery of CloudWatch Logs says no region: what wrote it here was in the bucket's more often than not. */
  function inRegion(part: Part): Part {
    for (const batch of part.batches) {
      if (origin.region && !batch.resource) batch.region = origin.region;
    }
    return part;
  }

  function contentOf(): AsyncIterable<Buffer> {
    if (resumed && !resumed.isPacked) return pieces;
    const content = unpacked(pieces, reach.maxObjectBytes, LIMIT_SETTING, (is) => {
      isPacked = is;
    });
    return resumed ? behind(content, resumed.byte) : content;
  }

  function isStopped(): boolean {
    if (!reach.isLate()) return false;
    const at = reader.place;
    if (!at) return false;
    if (!reach.canResume) {
      throw new UnreadableEventError(
        `no time is left at byte ${at.byte}: raise the function's timeout, or set DD_STORE_FAILED_EVENTS and DD_S3_BUCKET_NAME so that another invocation goes on with it`,
      );
    }
    const { bucket, key, region, versionId } = place;
    const object = { bucket, key, region, versionId, etag };
    const { byte, line } = at;
    reach.unfinished.push({ object, byte, line, event: eventOf({ ...object, isPacked, ...at }) });
    return true;
  }
}

async function* behind(content: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of content) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

function nameOf({ bucket, key }: ObjectPlace): string {
  return `s3://${bucket}/${key}`;
}

function resourceOfObject({ bucket, key }: ObjectPlace, { account, region }: ObjectOrigin): Resource {
  const source = sourceOfKey(key);
  const attributes: Record<string, string> = { "cloud.provider": "aws" };
  if (account) attributes["cloud.account.id"] = account;
  if (region) attributes["cloud.region"] = region;
  Object.assign(attributes, { "aws.s3.bucket": bucket, "aws.s3.key": key, "service.name": source });
  const resource: Resource = { attributes, source, tags: [], functionTags: [] };
  // Its records are objects, which Datadog wants as they are.
  return source === "cloudtrail" ? { ...resource, hasObjects: true } : resource;
}

/** As the Datadog Forwarder finds it: Datadog knows more names than these, and finds them behind its intake. */
function sourceOfKey(key: string): string {
  const lower = key.toLowerCase();
  if (CLOUDTRAIL_KEY.test(lower)) return "cloudtrail";
  if (lower.includes("aws-waf-logs") || lower.includes("waflogs")) return "waf";
  return lower.includes("amazon_kinesis") ? "kinesis" : "s3";
}
