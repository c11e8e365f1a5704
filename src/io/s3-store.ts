/** Failed batches in a bucket of S3, where the Datadog Forwarder keeps its own. */
import type { Kind, RedriveStore, StoredBatches } from "../delivery/failure-store.ts";
import { Gate } from "../delivery/gate.ts";
import { encodeStored } from "../delivery/stored-object.ts";
import { S3Bucket } from "./s3-bucket.ts";
import type { Timeouts } from "./s3-call.ts";
import { type Layout, layoutFor, newName } from "./s3-layout.ts";
import { Lease } from "./s3-lease.ts";
import { KindListing } from "./s3-listing.ts";
import { S3Redrive } from "./s3-redrive.ts";

/** Batches on their way into the bucket at once, each of which takes memory while it is. */
const MAX_PUTS = 8;

const NOTHING: StoredBatches = { claim: async () => [], close: async () => {} };

/**
 * A store in the given bucket, under `failed_events/<SHA-1 of the function's ARN>/`:
 *
 * - `<kind>/<unix ms>-<random>.gz` what is to be sent again, and what a Datadog Forwarder left to be sent again
 * - `<kind>/<name>.rest` what is left of a batch of which part was delivered; it supersedes the one without `.rest`
 * - `quarantine/<kind>/<name>` what sending again cannot help, or nobody understands; no redrive looks there
 * - `redrive.lease` who redrives, and what may have been delivered
 *
 * Where nothing is to be sent again, `open` costs one call that lists.
 *
 * @param timeouts of calls to S3
 * @param usePathStyle whether the bucket's name stands in the path of a URL
 */
export function createS3Store({
  bucket: name,
  functionArn,
  timeouts,
  usePathStyle,
}: {
  bucket: string;
  functionArn: string;
  timeouts?: Timeouts;
  usePathStyle?: boolean;
}): RedriveStore {
  const bucket = new S3Bucket(name, timeouts, usePathStyle);
  const layout = layoutFor(functionArn);
  const puts = new Gate(MAX_PUTS);

  return {
    async put(batch, isRefused, deadlineUnixMs) {
      const folder = isRefused ? layout.quarantineFolder(batch.kind) : layout.kindFolder(batch.kind);
      await puts.enter();
      try {
        await bucket.put(folder + newName(batch.storedAtUnixMs), encodeStored(batch), deadlineUnixMs);
      } finally {
        puts.leave();
      }
    },

    async open(kinds, deadlineUnixMs) {
      const stored = await storedKinds(bucket, layout, kinds, deadlineUnixMs);
      const list = (): KindListing[] =>
        stored.map((kind) => {
          const folder = layout.kindFolder(kind);
          return new KindListing(kind, folder, (continuationToken) =>
            bucket.list(folder, { continuationToken }, deadlineUnixMs),
          );
        });
      const firsts = await Promise.all(list().map((listing) => listing.first()));
      if (firsts.every((first) => first === undefined)) return NOTHING;
      const lease = await Lease.take(bucket, layout.lease, deadlineUnixMs);
      // Listed anew: until now, another redrive may have been at work.
      return lease && new S3Redrive(bucket, layout, lease, list(), deadlineUnixMs);
    },
  };
}

/** Those of the kinds that have a folder. */
async function storedKinds(
  bucket: S3Bucket,
  layout: Layout,
  kinds: readonly Kind[],
  deadlineUnixMs: number,
): Promise<Kind[]> {
  const stored = new Set<string>();
  let continuationToken: string | undefined;
  do {
    const page = await bucket.list(layout.folder, { delimiter: "/", continuationToken }, deadlineUnixMs);
    for (const folder of page.folders) stored.add(folder);
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined);
  return kinds.filter((kind) => stored.has(layout.kindFolder(kind)));
}
