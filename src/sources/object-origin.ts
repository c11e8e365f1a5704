/** Which account and region the logs in an object are of, as far as its notice and its key tell. */
import type { ObjectPlace } from "./source.ts";

/**
 * AWS's services write under `AWSLogs/`, the account, the service and mostly the region; CloudTrail of an organization under
 * its id before, flow logs on demand with the name of each part. A bucket may collect them from many accounts and regions.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */
const WRITTEN_BY_AWS =
  /(?:^|\/)AWSLogs\/(?:o-[a-z0-9]{10,32}\/)?(?:aws-account-id=)?(\d{12})\/((?:[^/]{1,100}\/){0,3})/;
const REGION = /(?:^|\/)(?:aws-region=)?([a-z]{2,5}(?:-[a-z]{1,9}){1,3}-\d{1,2})(?:\/|$)/;

export interface ObjectOrigin {
  /** 12 digits; "" = unknown. */
  account: string;
  /** Undefined: unknown. */
  region: string | undefined;
}

/** What the key says, else what the notice does. @param account of the notice, which owns the bucket; "" = unknown */
export function originOf({ key, region }: ObjectPlace, account: string): ObjectOrigin {
  const [, owner = account, path = ""] = WRITTEN_BY_AWS.exec(key) ?? [];
  return { account: owner, region: REGION.exec(path)?.[1] ?? region };
}
