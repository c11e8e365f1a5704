/** AWS's APIs that tell tags. SDK clients load when they are first used. */
import { datadogTag, MAX_TAG_CHARACTERS } from "../formats/aws-tags.ts";
import { TimeoutError } from "./s3-error.ts";

/** Tags as Datadog writes them, by ARN in lower case. */
export type TagsByArn = ReadonlyMap<string, readonly string[]>;

/** Of throttled calls, failures of the service and of the network. */
const MAX_ATTEMPTS = 3;
/** Until an attempt's answer begins. */
const ATTEMPT_MS = 3_000;
/** The most that one call can ask for. */
const RESOURCES_PER_PAGE = 100;
/** Of all tags of a type together; some 50,000 functions with ten tags each. */
const MAX_CHARACTERS = 16_000_000;

const CLIENT = {
  maxAttempts: MAX_ATTEMPTS,
  requestHandler: { connectionTimeout: ATTEMPT_MS, requestTimeout: ATTEMPT_MS, throwOnRequestTimeout: true },
};

/** A call that failed. The message says what cannot be read, why, and the remedy; never contents. */
export class TagsError extends Error {
  override name = "TagsError";
  /** AWS's own, such as `ThrottlingException`, or of the network, such as `ECONNREFUSED`. */
  readonly code: string;

  constructor(code: string, what: string, right: string, cause: unknown) {
    super(`cannot read the tags of ${what}: ${code}; ${remedy(code, right)}`, { cause });
    this.code = code;
  }
}

/**
 * The tags of every resource of a type in the function's account and region that has any.
 *
 * @param type as the API filters by: `lambda:function`, `s3:bucket`
 * @throws {TagsError} also where only a part could be read
 * @see https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export async function readTagsByArn(type: string, deadlineUnixMs: number): Promise<TagsByArn> {
  return within(deadlineUnixMs, `${type} resources`, "tag:GetResources on all resources (*)", async (abortSignal) => {
    const { ResourceGroupsTaggingAPIClient, GetResourcesCommand } = await import(
      "@aws-sdk/client-resource-groups-tagging-api"
    );
    const tags = new Map<string, string[]>();
    const client = new ResourceGroupsTaggingAPIClient(CLIENT);
    let characters = 0;
    let token: string | undefined;
    do {
      const command = new GetResourcesCommand({
        ResourceTypeFilters: [type],
        ResourcesPerPage: RESOURCES_PER_PAGE,
        ...(token && { PaginationToken: token }),
      });
      const page = await client.send(command, { abortSignal });
      for (const { ResourceARN = "", Tags = [] } of page.ResourceTagMappingList ?? []) {
        const own = Tags.map(({ Key = "", Value = "" }) => datadogTag(Key, Value, MAX_TAG_CHARACTERS)).filter(Boolean);
        tags.set(ResourceARN.toLowerCase(), own);
        characters += own.reduce((sum, tag) => sum + tag.length, ResourceARN.length);
      }
      if (characters > MAX_CHARACTERS) throw named("TooLarge");
      token = page.PaginationToken;
    } while (token);
    return tags;
  });
}

/**
 * The tags of a log group.
 *
 * @param arn without `:*` at its end
 * @throws {TagsError}
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html
 */
export async function readLogGroupTags(arn: string, deadlineUnixMs: number): Promise<readonly string[]> {
  return within(deadlineUnixMs, arn, "logs:ListTagsForResource on the log group", async (abortSignal) => {
    const { CloudWatchLogsClient, ListTagsForResourceCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const client = new CloudWatchLogsClient(CLIENT);
    const { tags = {} } = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }), { abortSignal });
    return Object.entries(tags)
      .map(([key, value]) => datadogTag(key, value))
      .filter(Boolean);
  });
}

/** Waiting ends at the deadline, whatever the SDK does. */
async function within<Tags>(
  deadlineUnixMs: number,
  what: string,
  right: string,
  read: (abortSignal: AbortSignal) => Promise<Tags>,
): Promise<Tags> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new TimeoutError());
        abort.abort();
      },
      Math.max(0, deadlineUnixMs - Date.now()),
    );
  });
  try {
    return await Promise.race([read(abort.signal), tooLate]);
  } catch (error) {
    throw new TagsError(codeOf(error), what, right, error);
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^E[A-Z_]+$/.test(code) ? code : error.name;
}

function remedy(code: string, right: string): string {
  if (/AccessDenied|NotAuthorized|Unauthorized/.test(code)) return `the function's role needs ${right}`;
  if (/Throttl|TooManyRequests|LimitExceeded/.test(code)) {
    return "AWS takes no more calls now; a larger DD_TAGS_CACHE_TTL_SECONDS makes fewer";
  }
  if (/Timeout|^E[A-Z_]+$/.test(code)) {
    return "no answer in time; a function in a VPC needs a NAT gateway, or an interface endpoint for the API";
  }
  if (code === "TooLarge") return "there are more tags than the function can hold; switch this kind of tags off";
  return "see the error in AWS's API reference";
}

function named(name: string): Error {
  const error = new Error(name);
  error.name = name;
  return error;
}
