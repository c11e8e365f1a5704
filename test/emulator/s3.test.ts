import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { propertyRuns } from "../helpers/property-runs.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

describe("the emulated S3", () => {
  let server: S3Server;
  let client: S3Client;
  let buckets = 0;
  let Bucket = "";
  beforeAll(async () => {
    server = await startS3();
    const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "test" };
    client = new S3Client({ endpoint: server.endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
  });
  beforeEach(async () => {
    await newBucket();
    server.heal();
    server.calls.splice(0);
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const newBucket = async (): Promise<void> => {
    Bucket = `bucket-${buckets++}`;
    await server.s3.resourceTypes?.["AWS::S3::Bucket"]?.create({ BucketName: Bucket }, "");
  };
  const put = async (Key: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}): Promise<string> =>
    (await client.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...condition }))).ETag as string;
  const problem = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => "no error",
      ({ name, $metadata }) => `${$metadata.httpStatusCode} ${name}`,
    );

  it("lists every key once, in the order of its bytes, whatever the size of a page", async () => {
    const key = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."a/.~ +%é\u{1f600}\uffee") });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (keys, pageSize) => {
          await newBucket();
          for (const key of keys) server.s3.store(Bucket, key, "");
          const listed: string[] = [];
          const input = { Bucket, EncodingType: "url" as const };
          for await (const page of paginateListObjectsV2({ client, pageSize }, input)) {
            expect(page.KeyCount).toBeLessThanOrEqual(pageSize);
            listed.push(...(page.Contents ?? []).map(({ Key = "" }) => decodeURIComponent(Key.replaceAll("+", " "))));
          }
          expect(listed).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
        },
      ),
      { numRuns: propertyRuns(20) },
    );
  });

  it("counts what is behind a delimiter as one", async () => {
    for (const key of ["f/a/1", "f/a/2", "f/b", "f/c/1", "g"]) await put(key);
    const list = (input: object) =>
      client.send(new ListObjectsV2Command({ Bucket, Prefix: "f/", Delimiter: "/", MaxKeys: 2, ...input }));
    const first = await list({});
    expect(first.CommonPrefixes).toEqual([{ Prefix: "f/a/" }]);
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(["f/b"]);
    const second = await list({ ContinuationToken: first.NextContinuationToken });
    expect(second).toMatchObject({ CommonPrefixes: [{ Prefix: "f/c/" }], KeyCount: 1, IsTruncated: false });
    expect(await problem(list({ ContinuationToken: "?" }))).toBe("400 InvalidArgument");
  });

  it("writes and deletes under conditions", async () => {
    const etag = await put("k", { IfNoneMatch: "*" });
    expect(await problem(put("k", { IfNoneMatch: "*" }))).toBe("412 PreconditionFailed");
    expect(await problem(put("k", { IfMatch: '"other"' }))).toBe("412 PreconditionFailed");
    expect(await problem(put("none", { IfMatch: etag }))).toBe("404 NoSuchKey");
    expect(await put("k", { IfMatch: etag })).toBe(etag);
    const remove = (IfMatch?: string) => client.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatch }));
    expect(await problem(remove('"other"'))).toBe("412 PreconditionFailed");
    await remove(etag);
    await remove();
    expect(server.s3.keys(Bucket)).toEqual([]);
  });

  it("gives the range of an object that is asked for, and refuses one behind its end", async () => {
    server.s3.store(Bucket, "range", "0123456789");
    const get = (Range: string) => client.send(new GetObjectCommand({ Bucket, Key: "range", Range }));
    const { Body, ContentRange } = await get("bytes=4-6");
    expect([await Body?.transformToString(), ContentRange]).toEqual(["456", "bytes 4-6/10"]);
    expect((await get("bytes=8-99")).ContentRange).toBe("bytes 8-9/10");
    await expect(get("bytes=10-12")).rejects.toMatchObject({
      name: "InvalidRange",
      $metadata: { httpStatusCode: 416 },
    });
  });

  it("copies an object whose key needs encoding", async () => {
    await put("a b/é+%25&.gz");
    const copy = (CopySource: string, Key: string) => client.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    const source = `${Bucket}/${encodeURIComponent("a b/é+%25&.gz")}`;
    expect((await copy(source, "copy")).CopyObjectResult?.ETag).toBe(await put("a b/é+%25&.gz"));
    expect(server.s3.object(Bucket, "copy").toString()).toBe("a b/é+%25&.gz");
    expect(await problem(copy(`${Bucket}/none`, "copy"))).toBe("404 NoSuchKey");
    expect(await problem(copy(`${Bucket}/copy`, "copy"))).toBe("400 InvalidRequest");
  });

  it("fails as it is told to, before a call or after it", async () => {
    server.faulty("deny", { operation: "PutObject", key: "a" });
    server.faulty({ code: "SlowDown", status: 503 }, { key: "b", times: 1 });
    server.faulty("reset", { key: "c", isDone: true });
    server.faulty("stall", { operation: "GetObject", isDone: true });
    expect(await problem(put("a"))).toBe("403 AccessDenied");
    expect(await problem(put("b"))).toBe("503 SlowDown");
    await put("b");
    await expect(put("c")).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(server.s3.keys(Bucket)).toEqual(["b", "c"]);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "b" }));
    (Body as unknown as { destroy(): void }).destroy();
    expect(server.calls).toEqual(["PutObject a", "PutObject b", "PutObject b", "PutObject c", "GetObject b"]);
  });

  it("lets a test stop at a call, and see what is done there", async () => {
    const seen: string[] = [];
    server.hooks.beforeCall = ({ operation, key }) => void seen.push(`${operation} ${key}: ${server.s3.keys(Bucket)}`);
    server.hooks.afterCall = ({ operation, key }, { status }) =>
      void seen.push(`${operation} ${key} ${status}: ${server.s3.keys(Bucket)}`);
    await put("k");
    server.hooks.beforeCall = undefined;
    server.hooks.afterCall = undefined;
    expect(seen).toEqual(["PutObject k: ", "PutObject k 200: k"]);
  });

  it("names a call that it does not have", async () => {
    const { status, body } = await server.s3.answer({
      service: "s3",
      accessKeyId: "AKIDTEST",
      method: "PUT",
      path: `/${Bucket}/k`,
      query: new URLSearchParams("tagging="),
      headers: {},
      body: Buffer.from(""),
    });
    expect(status).toBe(501);
    expect(body).toContain(`s3 PUT /${Bucket}/k?tagging`);
  });
});
