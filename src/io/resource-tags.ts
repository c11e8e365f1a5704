/**
 * AWS's tags of the resources that logs come from. Looking them up never fails and hardly delays a log: what is known is
 * given at once, also when it is old, and refreshed beside the delivery; what is not known is waited for a moment.
 */
import { Gate } from "../delivery/gate.ts";
import { S3Bucket } from "./s3-bucket.ts";
import { readLogGroupTags, readTagsByArn, type TagsByArn, TagsError } from "./tag-apis.ts";
import { type Clock, type Refresh, type Report, TagCache } from "./tag-cache.ts";
import { type Encoding, keyOfLogGroup, keysOfType, TagCopy } from "./tag-copy.ts";

export interface ResourceTagsSettings {
  fetchLambdaTags: boolean;
  fetchLogGroupTags: boolean;
  fetchS3Tags: boolean;
  tagsCacheTtlSeconds: number;
  /** "" = none: then every process asks AWS itself. */
  bucket: string;
}

interface Tags {
  tags: string[];
  functionTags: string[];
}

/** The lookups of one invocation. Nothing here rejects. */
export interface TagLookup {
  /** @param attributes of a resource, in OpenTelemetry's names */
  find(attributes: Readonly<Record<string, string>>): Promise<Tags>;
  /** Ends when no refresh is under way: Lambda stops the process after the invocation. */
  settle(): Promise<void>;
}

export interface ResourceTags {
  /**
   * @param outcomes counts what became of refreshes
   * @param deadlineUnixMs no refresh goes on after it
   */
  begin(outcomes: Record<string, number>, deadlineUnixMs: number): TagLookup;
}

export interface Patience {
  /** What an invocation waits for tags in all, while a log does. */
  waitMs: number;
  /** The longest that a refresh takes. */
  refreshMs: number;
}

/** Tags that are looked for. */
interface Lookup {
  /** Undefined where none is under way. */
  refresh: Refresh | undefined;
  known(): readonly string[] | undefined;
}

type LogGroupCaches = Map<string, TagCache<readonly string[]>>;

const PATIENCE: Patience = { waitMs: 1_000, refreshMs: 10_000 };
const CLOCK: Clock = { nowUnixMs: Date.now, random: Math.random };

/** A refresh that has less time than this does not begin. */
const LEAST_MS = 250;
/** After a failed call about one log group that says nothing good of calls about others. */
const PAUSE_MS = 60_000;
/** Calls about log groups at once; AWS takes few a second. */
const MAX_CALLS = 4;
/** In memory. */
const MAX_LOG_GROUPS = 5_000;

const BY_ARN: Encoding<TagsByArn> = {
  encode: (tags) => Object.fromEntries(tags),
  decode(json) {
    if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
    return new Map(Object.entries(json).map(([arn, tags]) => [arn, tagsIn(tags) ?? []]));
  },
};
const OF_ONE: Encoding<readonly string[]> = { encode: (tags) => tags, decode: tagsIn };

/**
 * @param functionArn the forwarder's own, without a version or alias
 * @param warn takes what could not be looked up; nothing is lost by it but tags
 */
export function createResourceTags(
  settings: ResourceTagsSettings,
  functionArn: string,
  warn: (problem: string) => void,
  { waitMs, refreshMs }: Patience = PATIENCE,
  clock: Clock = CLOCK,
): ResourceTags {
  const bucket = settings.bucket ? new S3Bucket(settings.bucket) : null;
  const functions = settings.fetchLambdaTags ? cacheOfType("lambda:function", "lambda") : null;
  const buckets = settings.fetchS3Tags ? cacheOfType("s3:bucket", "s3") : null;
  const logGroups = settings.fetchLogGroupTags ? (new Map() as LogGroupCaches) : null;
  const [, partition = "aws", , region = "", account = ""] = functionArn.split(":");
  const calls = new Gate(MAX_CALLS);
  let pause: { error: unknown; untilUnixMs: number } | undefined;
  let lastProblem: Error | undefined;

  return {
    begin(outcomes, deadlineUnixMs) {
      const underWay = new Set<Promise<void>>();
      let waitMsLeft = waitMs;
      const report: Report = {
        count(outcome) {
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        },
        warn(problem) {
          if (problem !== lastProblem) warn(problem.message);
          lastProblem = problem;
        },
      };

      return {
        async find(attributes) {
          const functionArn = attributes["cloud.resource_id"];
          const bucketName = attributes["aws.s3.bucket"];
          const logGroup = attributes["aws.log.group.names"];
          // Only in its own account may the function ask, and its client asks in its own region.
          const isHere = (attributes["cloud.region"] ?? region) === region;
          const isAsked = logGroup && attributes["cloud.account.id"] === account && isHere;
          const logGroupArn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroup}`;
          const ofFunction = functions && functionArn ? within(functions, functionArn.toLowerCase()) : undefined;
          const ofBucket =
            buckets && bucketName ? within(buckets, `arn:${partition}:s3:::${bucketName}`.toLowerCase()) : undefined;
          const ofLogGroup = logGroups && isAsked ? whole(cacheOf(logGroups, logGroupArn)) : undefined;
          const lookups = [ofFunction, ofBucket, ofLogGroup].filter((lookup) => lookup !== undefined);
          await wait(lookups.flatMap(({ refresh, known }) => (refresh && !known() ? until(refresh, known) : [])));
          return {
            tags: [...(ofBucket?.known() ?? []), ...(ofLogGroup?.known() ?? [])],
            functionTags: [...(ofFunction?.known() ?? [])],
          };
        },

        async settle() {
          await Promise.all(underWay);
        },
      };

      function within(cache: TagCache<TagsByArn>, arn: string): Lookup {
        return { refresh: refreshOf(cache), known: () => cache.tags?.get(arn) };
      }

      function whole(cache: TagCache<readonly string[]>): Lookup {
        return { refresh: refreshOf(cache), known: () => cache.tags };
      }

      function refreshOf(cache: TagCache<unknown>): Refresh | undefined {
        if (deadlineUnixMs - Date.now() < LEAST_MS) return undefined;
        const refresh = cache.refresh(report, Math.min(deadlineUnixMs, Date.now() + refreshMs));
        if (refresh) underWay.add(refresh.done);
        return refresh;
      }

      /** Ends at the latest when that much was waited in the invocation. */
      async function wait(lookups: Promise<void>[]): Promise<void> {
        if (lookups.length === 0 || waitMsLeft <= 0) return;
        const beganUnixMs = Date.now();
        let timer: NodeJS.Timeout | undefined;
        const tooLong = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, waitMsLeft);
        });
        await Promise.race([Promise.all(lookups), tooLong]);
        clearTimeout(timer);
        waitMsLeft -= Date.now() - beganUnixMs;
      }
    },
  };

  /** The caches that were asked for longest ago stand first, and go first. */
  function cacheOf(caches: LogGroupCaches, arn: string): TagCache<readonly string[]> {
    const cache = caches.get(arn) ?? cacheOfLogGroup(arn);
    caches.delete(arn);
    caches.set(arn, cache);
    if (caches.size > MAX_LOG_GROUPS) caches.delete(caches.keys().next().value as string);
    return cache;
  }

  function cacheOfType(type: string, kind: string): TagCache<TagsByArn> {
    return new TagCache({
      read: (deadlineUnixMs) => readTagsByArn(type, deadlineUnixMs),
      copy: bucket && new TagCopy(bucket, keysOfType(functionArn, kind), BY_ARN),
      ttlSeconds: settings.tagsCacheTtlSeconds,
      clock,
    });
  }

  function cacheOfLogGroup(arn: string): TagCache<readonly string[]> {
    return new TagCache({
      async read(deadlineUnixMs) {
        await calls.enter();
        try {
          if (pause && clock.nowUnixMs() < pause.untilUnixMs) throw pause.error;
          return await readLogGroupTags(arn, deadlineUnixMs);
        } catch (error) {
          const isOfThisOne = error instanceof TagsError && error.code === "ResourceNotFoundException";
          if (!isOfThisOne && error !== pause?.error) pause = { error, untilUnixMs: clock.nowUnixMs() + PAUSE_MS };
          throw error;
        } finally {
          calls.leave();
        }
      },
      copy: bucket && new TagCopy(bucket, keyOfLogGroup(functionArn, arn), OF_ONE),
      ttlSeconds: settings.tagsCacheTtlSeconds,
      clock,
    });
  }
}

function tagsIn(json: unknown): readonly string[] | undefined {
  return Array.isArray(json) ? json.filter((tag) => typeof tag === "string" && tag !== "") : undefined;
}

/** Ends as soon as the tags are known, or nothing more will be. */
async function until({ copyRead, done }: Refresh, known: Lookup["known"]): Promise<void> {
  await copyRead;
  if (!known()) await done;
}
