import type { RedriveStore } from "../../src/delivery/failure-store.ts";
import { s3Error } from "../../src/io/s3-error.ts";
import { createS3Store } from "../../src/io/s3-store.ts";
import { aFailedBatch } from "../helpers/failed-batches.ts";
import { anIntake } from "../helpers/intake.ts";
import { type S3Fault, type S3Server, startS3 } from "../helpers/s3-server.ts";

const BUCKET = "a-bucket";
const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:forwarder";
const SECRET = "what-was-to-be-stored";

describe("an error of the S3 store", () => {
  let server: S3Server;
  let store: RedriveStore;
  beforeAll(async () => {
    server = await startS3();
    Object.assign(process.env, server.environment);
    server.s3.store(BUCKET, "x", "");
    store = createS3Store({ bucket: BUCKET, functionArn: ARN });
  });
  beforeEach(() => server.heal());
  afterAll(() => server.stop());

  const soon = (): number => Date.now() + 5_000;
  const putProblem = (into = store, deadlineUnixMs = soon()): Promise<string> =>
    into.put(aFailedBatch(SECRET), false, deadlineUnixMs).then(
      () => "no error",
      (error: Error) => error.message,
    );
  const place = /s3:\/\/a-bucket\/failed_events\/[0-9a-f]{40}\/logs\/1763712345678-[0-9a-f]{16}\.gz/;

  it.each<[S3Fault, string]>([
    [
      "deny",
      ": access denied; the function's role needs s3:PutObject, and the policies of the bucket, its KMS key and the VPC endpoint must not refuse; a bucket of another account must allow the role in its policy",
    ],
    [
      { code: "AccessDenied", status: 403, message: "User: forwarder is not authorized\nbecause of a policy" },
      ': access denied ("User: forwarder is not authorized because of a policy"); the function\'s role needs s3:PutObject',
    ],
    [
      { code: "NoSuchBucket", status: 404 },
      ": there is no such bucket; create it, or let DD_S3_BUCKET_NAME name one that exists",
    ],
    [
      { code: "PermanentRedirect", status: 301 },
      ": the bucket is in another region (PermanentRedirect); use one in the function's region",
    ],
    [
      { code: "AuthorizationHeaderMalformed", status: 400 },
      ": the bucket is in another region (AuthorizationHeaderMalformed); use one in the function's region",
    ],
    [
      { code: "InvalidAccessKeyId", status: 403 },
      ": the credentials are missing or not valid (InvalidAccessKeyId); a function has those of its role, so none must be set by hand",
    ],
    [
      { code: "KMS.DisabledException", status: 400 },
      ": the bucket's KMS key cannot be used (KMS.DisabledException); enable it, and allow the function's role kms:GenerateDataKey and kms:Decrypt",
    ],
    [
      { code: "InvalidObjectState", status: 403 },
      ": the object is archived; restore it, and let no lifecycle rule archive failed events",
    ],
    [
      { code: "InvalidRequest", status: 400 },
      ': the call failed (InvalidRequest); see "Error responses" in the API reference of Amazon S3',
    ],
  ])("names the place and the remedy: %j", async (fault, expected) => {
    server.faulty(fault);
    const message = await putProblem();
    expect(message).toMatch(/^cannot write s3:/);
    expect(message).toMatch(place);
    expect(message).toContain(expected);
    expect(message).not.toContain(SECRET);
  });

  it.each<[S3Fault, string]>([
    [
      "throttle",
      ": S3 has too many requests for this bucket (SlowDown), after several attempts; if this lasts, find what else uses the bucket",
    ],
    ["fail", ": S3 failed (InternalError), after several attempts; if this lasts, see the AWS Health Dashboard"],
    // The test environment hides the codes of Node's own errors from the SDK.
    ["reset", ": the call failed (Error)"],
  ])("comes after three attempts where another may help: %s", async (fault, expected) => {
    server.faulty(fault);
    server.calls.splice(0);
    expect(await putProblem()).toContain(expected);
    expect(server.calls).toHaveLength(3);
  });

  it.each<S3Fault>(["throttle", "fail", "reset"])("does not come where another attempt helps: %s", async (fault) => {
    server.faulty(fault, { times: 1 });
    expect(await putProblem()).toBe("no error");
  });

  it("names the bucket's region where S3 says it", async () => {
    const headers = { "x-amz-bucket-region": "eu-central-1" };
    const elsewhere = await anIntake({ status: 301, headers });
    process.env.AWS_ENDPOINT_URL_S3 = elsewhere.url;
    const message = await putProblem(createS3Store({ bucket: BUCKET, functionArn: ARN }));
    process.env.AWS_ENDPOINT_URL_S3 = server.endpoint;
    await elsewhere.stop();
    expect(message).toContain(": the bucket is in another region, eu-central-1 (PermanentRedirect); use one");
  });

  it.each(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EPIPE"])(
    "says when there is no connection: %s",
    (code) => {
      const { message } = s3Error(
        Object.assign(new Error("connect 10.0.0.1"), { code, name: "TimeoutError" }),
        "read",
        "s3://a-bucket/k",
      );
      expect(message).toBe(
        `cannot read s3://a-bucket/k: no connection to S3 (${code}); a function in a VPC needs a gateway endpoint for S3, or a NAT gateway, and DNS`,
      );
    },
  );

  it.each<S3Fault>(["hang", { slowMs: 5_000 }])("comes at the deadline when S3 does not answer: %j", async (fault) => {
    server.faulty(fault);
    const startedMs = performance.now();
    expect(await putProblem(store, Date.now() + 200)).toContain(
      ": no answer in time; a function in a VPC needs a gateway endpoint for S3, or a NAT gateway",
    );
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("comes at once when the deadline is over, without a call", async () => {
    server.calls.splice(0);
    expect(await putProblem(store, Date.now() - 1)).toContain(": no answer in time");
    expect(server.calls).toEqual([]);
  });

  it("says of a list what a role needs for it", async () => {
    server.faulty("deny", { operation: "ListObjectsV2" });
    await expect(store.open(["logs"], soon())).rejects.toThrow(
      /^cannot list s3:\/\/a-bucket\/failed_events\/[0-9a-f]{40}\/: access denied; the function's role needs s3:ListBucket,/,
    );
  });

  it("says of what cannot be read that S3 may mean that it is not there", async () => {
    await store.put(aFailedBatch(), false, soon());
    const redrive = await store.open(["logs"], soon());
    const [batch] = (await redrive?.claim()) ?? [];
    server.faulty("deny", { operation: "GetObject" });
    await expect(batch?.read()).rejects.toThrow(
      "needs s3:GetObject, and the policies of the bucket, its KMS key and the VPC endpoint must not refuse; a bucket of another account must allow the role in its policy; without s3:ListBucket, S3 says the same of an object that is not there",
    );
    server.heal();
    await batch?.remove();
    await expect(batch?.read()).rejects.toThrow(
      "the object is not there any more; something else has deleted or moved it",
    );
    await redrive?.close();
  });
});
