import { createHash } from "node:crypto";
import { createResourceTags, type Patience, type ResourceTagsSettings } from "../../src/io/resource-tags.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";
import { startTagServer, type TagServer } from "../helpers/tag-server.ts";

const FORWARDER = "arn:aws:lambda:eu-west-1:123456789012:function:forwarder";
const HASH = createHash("sha1").update(FORWARDER).digest("hex");
const FUNCTION_COPY = `cache/${HASH}_lambda.json`;
const LOCK = `cache/${HASH}_lambda.lock`;
const THINKER = "arn:aws:lambda:eu-west-1:123456789012:function:thinker";
const GROUP_ARN = "arn:aws:logs:eu-west-1:123456789012:log-group:";
const TTL_MS = 400_000;

describe("the tags of resources", () => {
  let aws: TagServer;
  let s3: S3Server;
  let bucket: string;
  let accounts = 0;
  let warnings: string[];
  let outcomes: Record<string, number>;
  let laterMs: number;

  beforeEach(async () => {
    [aws, s3] = await Promise.all([startTagServer(), startS3()]);
    Object.assign(process.env, s3.environment, aws.environment);
    bucket = `bucket-${accounts++}`;
    s3.s3.store(bucket, "other", "x");
    warnings = [];
    laterMs = 0;
  });
  afterEach(() => Promise.all([aws.stop(), s3.stop()]));

  /** A process of the forwarder. */
  function aProcess(settings: Partial<ResourceTagsSettings> = {}, patience: Partial<Patience> = {}) {
    const resourceTags = createResourceTags(
      {
        fetchLambdaTags: true,
        fetchLogGroupTags: false,
        fetchS3Tags: false,
        tagsCacheTtlSeconds: 300,
        bucket,
        ...settings,
      },
      FORWARDER,
      (problem) => warnings.push(problem),
      { waitMs: 4_000, refreshMs: 4_000, ...patience },
      { nowUnixMs: () => Date.now() + laterMs, random: () => 0.999 },
    );
    return { begin, invoke };

    function begin(msLeft = 10_000) {
      outcomes = {};
      return resourceTags.begin(outcomes, Date.now() + msLeft);
    }

    /** What is found in an invocation of its own. */
    async function invoke(given: Record<string, string> = {}): Promise<{ tags: string[]; functionTags: string[] }> {
      const lookup = begin();
      const found = await lookup.find({ "cloud.account.id": "123456789012", ...given });
      await lookup.settle();
      return found;
    }
  }
  const ofThinker = { "cloud.resource_id": THINKER };
  const ofGroup = (name: string) => ({ "aws.log.group.names": name });
  const copyOf = (key: string): unknown => JSON.parse(s3.s3.object(bucket, key).toString());
  const leave = (key: string, content: unknown, ageMs = 0): void =>
    s3.s3.store(bucket, key, JSON.stringify(content), new Date(Date.now() - ageMs));
  const onlyInMemory = { bucket: "" };

  describe("of Lambda functions", () => {
    it("are read page by page, and are found by the function's ARN in lower case", async () => {
      for (let at = 0; at < 250; at++) await aws.tag(`${THINKER}-${at}`, { Number: String(at) });
      await aws.tag("arn:aws:lambda:eu-west-1:123456789012:function:Thinker", { Team: "Thinkers", env: "prod", x: "" });
      await aws.tag("arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:1", { a: "b" });
      await aws.tag("arn:aws:s3:::thinker", { a: "b" });
      const process = aProcess();
      expect(await process.invoke(ofThinker)).toEqual({ tags: [], functionTags: ["team:thinkers", "env:prod", "x"] });
      expect(await process.invoke({ "cloud.resource_id": `${THINKER}-249` })).toMatchObject({
        functionTags: ["number:249"],
      });
      expect(aws.calls).toEqual(["GetResources", "GetResources", "GetResources"]);
      expect(warnings).toEqual([]);
    });

    it("are none for a function that has none, and for what is no function", async () => {
      expect(await aProcess().invoke(ofThinker)).toEqual({ tags: [], functionTags: [] });
      expect(await aProcess().invoke(ofGroup("/a"))).toEqual({ tags: [], functionTags: [] });
      expect(aws.calls).toEqual(["GetResources"]);
    });

    it("are cut after 200 characters", async () => {
      await aws.tag(THINKER, { key: "v".repeat(256) });
      expect((await aProcess().invoke(ofThinker)).functionTags).toEqual([`key:${"v".repeat(196)}`]);
    });

    it("stay in memory until they are too old", async () => {
      await aws.tag(THINKER, { team: "a" });
      const process = aProcess(onlyInMemory);
      await process.invoke(ofThinker);
      await aws.tag(THINKER, { team: "b" });
      laterMs = TTL_MS - 5_000;
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      expect([aws.calls.length, outcomes]).toEqual([1, {}]);
      laterMs = TTL_MS + 5_000;
      await process.invoke(ofThinker);
      expect(outcomes).toEqual({ fromAws: 1 });
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:b"]);
      expect(aws.calls).toHaveLength(2);
    });

    it("go when they were taken away", async () => {
      await aws.tag(THINKER, { team: "a" });
      const process = aProcess();
      await process.invoke(ofThinker);
      await aws.untag(THINKER, "team");
      laterMs = TTL_MS + 5_000;
      await process.invoke(ofThinker);
      expect((await process.invoke(ofThinker)).functionTags).toEqual([]);
      expect(copyOf(FUNCTION_COPY)).toEqual({ [THINKER]: [] });
    });

    it("are shared with other processes through the bucket, in the layout of the Datadog Forwarder", async () => {
      await aws.tag("arn:aws:lambda:eu-west-1:123456789012:function:Thinker", { Team: "a" });
      await aProcess().invoke(ofThinker);
      expect(outcomes).toEqual({ fromAws: 1 });
      expect(s3.s3.keys(bucket)).toEqual([FUNCTION_COPY, "other"]);
      expect(copyOf(FUNCTION_COPY)).toEqual({ [THINKER]: ["team:a"] });
      expect((await aProcess().invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      expect(outcomes).toEqual({ fromCopy: 1 });
      expect(aws.calls).toHaveLength(1);
    });

    it("are taken over from what a Datadog Forwarder has left", async () => {
      leave(FUNCTION_COPY, { [THINKER]: ["team:a"] }, TTL_MS - 10_000);
      expect((await aProcess().invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      expect(aws.calls).toEqual([]);
    });

    it.each(["[]", "null", "{", '"x"', "7"])("are read anew where %s stands in the bucket", async (content) => {
      await aws.tag(THINKER, { team: "a" });
      s3.s3.store(bucket, FUNCTION_COPY, content);
      expect((await aProcess().invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      expect(warnings).toEqual([]);
    });

    it("are what is text in a copy of another shape, and change no prototype", async () => {
      const content = `{"${THINKER}":["team:a",7,null,""],"__proto__":["b"],"x":{"y":1}}`;
      s3.s3.store(bucket, FUNCTION_COPY, content);
      const process = aProcess();
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      expect((await process.invoke({ "cloud.resource_id": "toString" })).functionTags).toEqual([]);
      expect({}).not.toHaveProperty("0");
    });

    it("are found although they are old, and refreshed beside the delivery", async () => {
      leave(FUNCTION_COPY, { [THINKER]: ["team:old"] }, 10 * TTL_MS);
      aws.faulty("hang");
      const lookup = aProcess({}, { refreshMs: 1_000 }).begin();
      const began = Date.now();
      expect((await lookup.find(ofThinker)).functionTags).toEqual(["team:old"]);
      expect(Date.now() - began).toBeLessThan(900);
      await lookup.settle();
      expect(outcomes).toEqual({ failed: 1 });
    });

    it("are waited for where only those of other functions are known", async () => {
      leave(FUNCTION_COPY, { [`${THINKER}-2`]: ["team:old"] }, 10 * TTL_MS);
      await aws.tag(THINKER, { team: "new" });
      expect((await aProcess().invoke(ofThinker)).functionTags).toEqual(["team:new"]);
    });
  });

  describe("that cannot be refreshed", () => {
    it.each(["AccessDeniedException", "InternalServiceException", "ThrottledException"])(
      "never replace good ones with nothing: %s",
      async (code) => {
        leave(FUNCTION_COPY, { [THINKER]: ["team:good"] }, 10 * TTL_MS);
        aws.faulty({ code });
        const process = aProcess();
        expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:good"]);
        expect(outcomes).toEqual({ failed: 1 });
        expect(copyOf(FUNCTION_COPY)).toEqual({ [THINKER]: ["team:good"] });
        expect(warnings).toEqual([
          expect.stringContaining(`cannot read the tags of lambda:function resources: ${code}`),
        ]);
        expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:good"]);
      },
    );

    it("keep what is known of all functions when only the second page fails", async () => {
      for (let at = 0; at < 150; at++) await aws.tag(`${THINKER}-${at}`, { Number: String(at) });
      leave(FUNCTION_COPY, { [THINKER]: ["team:good"] }, 10 * TTL_MS);
      aws.faulty({ code: "AccessDeniedException" }, '"PaginationToken":"100"');
      const process = aProcess();
      await process.invoke(ofThinker);
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:good"]);
      expect(copyOf(FUNCTION_COPY)).toEqual({ [THINKER]: ["team:good"] });
      expect(aws.calls).toHaveLength(2);
    });

    it("keep those in memory, and are tried again a minute later", async () => {
      await aws.tag(THINKER, { team: "a" });
      const process = aProcess(onlyInMemory);
      await process.invoke(ofThinker);
      aws.faulty({ code: "AccessDeniedException" });
      laterMs = TTL_MS + 5_000;
      for (let times = 0; times < 3; times++) {
        expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      }
      expect(aws.calls).toHaveLength(2);
      aws.heal();
      await aws.tag(THINKER, { team: "b" });
      laterMs += 61_000;
      await process.invoke(ofThinker);
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:b"]);
    });

    it("are not replaced with an older copy that could not be written anew", async () => {
      leave(FUNCTION_COPY, { [THINKER]: ["team:old"] }, 10 * TTL_MS);
      await aws.tag(THINKER, { team: "new" });
      s3.faulty("deny", { operation: "PutObject", key: FUNCTION_COPY });
      const process = aProcess();
      await process.invoke(ofThinker);
      aws.faulty({ code: "AccessDeniedException" });
      laterMs = TTL_MS + 5_000;
      await process.invoke(ofThinker);
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:new"]);
    });

    it("say the remedy, and nothing of what the tags are", async () => {
      await aws.tag(THINKER, { secret: "hunter2" });
      aws.faulty({ code: "AccessDeniedException" });
      await aProcess().invoke(ofThinker);
      expect(warnings).toEqual([
        "cannot read the tags of lambda:function resources: AccessDeniedException; the function's role needs tag:GetResources on all resources (*)",
      ]);
    });

    it("delay no log for longer than the given time in an invocation, however many there are", async () => {
      aws.faulty("hang");
      const settings = { fetchLogGroupTags: true };
      const lookup = aProcess(settings, { waitMs: 300, refreshMs: 1_000 }).begin();
      const began = Date.now();
      for (let at = 0; at < 20; at++) {
        const found = await lookup.find({
          "cloud.account.id": "123456789012",
          ...ofThinker,
          ...ofGroup(`/group/${at}`),
        });
        expect(found).toEqual({ tags: [], functionTags: [] });
      }
      expect(Date.now() - began).toBeLessThan(900);
      await lookup.settle();
      expect(Date.now() - began).toBeLessThan(2_500);
      expect(outcomes).toEqual({ failed: 21 });
    });

    it("are given up at the deadline of the invocation, and not begun just before it", async () => {
      aws.faulty("hang");
      const process = aProcess({}, { waitMs: 100 });
      const began = Date.now();
      const lookup = process.begin(600);
      await lookup.find(ofThinker);
      await lookup.settle();
      expect(Date.now() - began).toBeLessThan(1_200);
      expect(warnings).toEqual([expect.stringContaining("TimeoutError; no answer in time")]);
      aws.heal();
      laterMs = 61_000;
      const late = process.begin(100);
      await late.find(ofThinker);
      await late.settle();
      expect(outcomes).toEqual({});
    });
  });

  describe("that another process refreshes", () => {
    it("are the old ones for some seconds more", async () => {
      leave(FUNCTION_COPY, { [THINKER]: ["team:old"] }, 10 * TTL_MS);
      leave(LOCK, "lock");
      const process = aProcess();
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:old"]);
      expect([outcomes, aws.calls]).toEqual([{ locked: 1 }, []]);
      leave(FUNCTION_COPY, { [THINKER]: ["team:new"] });
      laterMs = 6_000;
      await process.invoke(ofThinker);
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:new"]);
      expect(aws.calls).toEqual([]);
    });

    it("are read all the same where nothing is known", async () => {
      await aws.tag(THINKER, { team: "a" });
      leave(LOCK, "lock");
      expect((await aProcess().invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      expect(s3.s3.keys(bucket)).toContain(LOCK);
    });

    it("are refreshed when the other has died", async () => {
      await aws.tag(THINKER, { team: "new" });
      leave(FUNCTION_COPY, { [THINKER]: ["team:old"] }, 10 * TTL_MS);
      leave(LOCK, "lock", 62_000);
      await aProcess().invoke(ofThinker);
      expect(outcomes).toEqual({ fromAws: 1 });
      expect(copyOf(FUNCTION_COPY)).toEqual({ [THINKER]: ["team:new"] });
      expect(s3.s3.keys(bucket)).not.toContain(LOCK);
    });

    it("are refreshed by one process of many", async () => {
      leave(FUNCTION_COPY, { [THINKER]: ["team:old"] }, 10 * TTL_MS);
      await aws.tag(THINKER, { team: "new" });
      const lookups = Array.from({ length: 8 }, () => aProcess().begin());
      for (const { functionTags } of await Promise.all(lookups.map((lookup) => lookup.find(ofThinker)))) {
        expect([["team:old"], ["team:new"]]).toContainEqual(functionTags);
      }
      await Promise.all(lookups.map((lookup) => lookup.settle()));
      expect(aws.calls).toEqual(["GetResources"]);
    });

    it("stay locked after a failure, so that not every process asks", async () => {
      leave(FUNCTION_COPY, { [THINKER]: ["team:old"] }, 10 * TTL_MS);
      aws.faulty({ code: "AccessDeniedException" });
      await aProcess().invoke(ofThinker);
      await aProcess().invoke(ofThinker);
      expect([outcomes, aws.calls]).toEqual([{ locked: 1 }, ["GetResources"]]);
    });
  });

  describe("with a bucket that fails", () => {
    it("are read from AWS, and kept in memory", async () => {
      await aws.tag(THINKER, { team: "a" });
      s3.faulty("deny");
      const process = aProcess();
      expect((await process.invoke(ofThinker)).functionTags).toEqual(["team:a"]);
      expect(outcomes).toEqual({ fromAws: 1, copyFailed: 1 });
      expect(warnings).toEqual([expect.stringMatching(/^cannot write s3:.*the function's role needs s3:PutObject/)]);
      await process.invoke(ofThinker);
      expect(aws.calls).toHaveLength(1);
    });

    it("do not keep a log waiting", async () => {
      s3.faulty("hang");
      const lookup = aProcess({}, { waitMs: 200, refreshMs: 600 }).begin();
      const began = Date.now();
      expect((await lookup.find(ofThinker)).functionTags).toEqual([]);
      expect(Date.now() - began).toBeLessThan(550);
      await lookup.settle();
      expect(Date.now() - began).toBeLessThan(1_500);
    });
  });

  describe("of log groups", () => {
    const settings = { fetchLambdaTags: false, fetchLogGroupTags: true };

    it("are read for each group, and not cut", async () => {
      await aws.tagLogGroup("/aws/ecs/A", { Team: "One", key: "v".repeat(256) });
      await aws.tagLogGroup("/b", { team: "two" });
      const process = aProcess(settings);
      expect(await process.invoke({ ...ofGroup("/aws/ecs/A"), ...ofThinker })).toEqual({
        tags: ["team:one", `key:${"v".repeat(256)}`],
        functionTags: [],
      });
      expect((await process.invoke(ofGroup("/b"))).tags).toEqual(["team:two"]);
      expect(aws.calls).toEqual(["ListTagsForResource", "ListTagsForResource"]);
    });

    it("are kept in the layout of the Datadog Forwarder, and taken over from it", async () => {
      await aws.tagLogGroup("/aws/ecs/A", { team: "one" });
      await aProcess(settings).invoke(ofGroup("/aws/ecs/A"));
      const key = `cache/log-group/${HASH}/arn_aws_logs_eu-west-1_123456789012_log-group__aws_ecs_A.json`;
      expect(copyOf(key)).toEqual(["team:one"]);
      leave(key, ["team:left"]);
      expect((await aProcess(settings).invoke(ofGroup("/aws/ecs/A"))).tags).toEqual(["team:left"]);
      expect(aws.calls).toHaveLength(1);
    });

    it("are no other group's whose name differs in `_` and `/` alone", async () => {
      await aws.tagLogGroup("/prod/api", { team: "one" });
      await aws.tagLogGroup("/prod_api", { team: "two" });
      await aProcess(settings).invoke(ofGroup("/prod/api"));
      expect((await aProcess(settings).invoke(ofGroup("/prod_api"))).tags).toEqual(["team:two"]);
      expect((await aProcess(settings).invoke(ofGroup("/prod/api"))).tags).toEqual(["team:one"]);
      expect(aws.calls).toHaveLength(2);
    });

    it("that has none are not asked for at each start of a process", async () => {
      await aws.tagLogGroup("/a", {});
      expect((await aProcess(settings).invoke(ofGroup("/a"))).tags).toEqual([]);
      expect((await aProcess(settings).invoke(ofGroup("/a"))).tags).toEqual([]);
      expect([outcomes, aws.calls]).toEqual([{ fromCopy: 1 }, ["ListTagsForResource"]]);
    });

    it("are never replaced with nothing because AWS did not tell", async () => {
      const key = `cache/log-group/${HASH}/arn_aws_logs_eu-west-1_123456789012_log-group__a.json`;
      leave(key, ["team:good"], 10 * TTL_MS);
      aws.faulty({ code: "AccessDeniedException" });
      const process = aProcess(settings);
      expect((await process.invoke(ofGroup("/a"))).tags).toEqual(["team:good"]);
      expect((await process.invoke(ofGroup("/a"))).tags).toEqual(["team:good"]);
      expect(copyOf(key)).toEqual(["team:good"]);
      expect(warnings).toEqual([
        `cannot read the tags of ${GROUP_ARN}/a: AccessDeniedException; the function's role needs logs:ListTagsForResource on the log group`,
      ]);
    });

    it("that AWS denies are asked for once a minute in all, with one warning", async () => {
      aws.faulty({ code: "AccessDeniedException" });
      const process = aProcess({ ...settings, ...onlyInMemory });
      for (const name of ["/a", "/b", "/c", "/a"]) await process.invoke(ofGroup(name));
      expect([aws.calls.length, warnings.length]).toEqual([1, 1]);
    });

    it("of a group that is gone stop no other's", async () => {
      await aws.tagLogGroup("/b", { team: "two" });
      const process = aProcess({ ...settings, ...onlyInMemory });
      expect((await process.invoke(ofGroup("/a"))).tags).toEqual([]);
      expect((await process.invoke(ofGroup("/b"))).tags).toEqual(["team:two"]);
      expect(warnings).toEqual([expect.stringContaining("ResourceNotFoundException")]);
    });

    it.each([
      ["cloud.account.id", "999999999999"],
      ["cloud.region", "us-east-2"],
    ])("of another %s are not asked for", async (key, other) => {
      expect((await aProcess(settings).invoke({ ...ofGroup("/a"), [key]: other })).tags).toEqual([]);
      expect(aws.calls).toEqual([]);
    });
  });

  it("of a bucket are those that S3 has for it", async () => {
    await aws.tag("arn:aws:s3:::My-Logs", { team: "a" });
    await aws.tag(THINKER, { team: "b" });
    const process = aProcess({ fetchLambdaTags: false, fetchS3Tags: true });
    expect(await process.invoke({ "aws.s3.bucket": "My-Logs", ...ofThinker })).toEqual({
      tags: ["team:a"],
      functionTags: [],
    });
    expect(copyOf(`cache/${HASH}_s3.json`)).toEqual({ "arn:aws:s3:::my-logs": ["team:a"] });
  });
});
