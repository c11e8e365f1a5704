import { S3Objects } from "../../src/io/s3-objects.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const BUCKET = "logs";
const BODY = Buffer.from(Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`).join(""));
const place = { bucket: BUCKET, key: "a key" };

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
  Object.assign(process.env, s3.environment);
});
afterAll(() => s3.stop());
beforeEach(() => {
  s3.heal();
  s3.hooks.beforeCall = undefined;
  s3.calls.splice(0);
  s3.s3.store(BUCKET, place.key, BODY);
});

const reader = (pieceBytes = 1_000): S3Objects => new S3Objects(true, { callMs: 2_000, attemptMs: 300 }, pieceBytes);

async function read(from = 0, pieceBytes?: number, given = {}, msLeft = 5_000): Promise<Buffer> {
  const { pieces } = await reader(pieceBytes).open({ ...place, ...given }, from, Date.now() + msLeft);
  const chunks: Buffer[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return Buffer.concat(chunks);
}

describe("an object", () => {
  it.each([1_000, BODY.length, BODY.length + 1, BODY.length - 1, 7_777])(
    "is whole in ranges of %d bytes",
    async (size) => {
      expect(await read(0, size)).toEqual(BODY);
      expect(s3.calls).toHaveLength(Math.ceil(BODY.length / size));
    },
  );

  it("is read from any byte on", async () => {
    expect(await read(4_321)).toEqual(BODY.subarray(4_321));
    expect(await read(BODY.length)).toHaveLength(0);
  });

  it("that is empty has no bytes", async () => {
    s3.s3.store(BUCKET, "empty", "");
    expect(await read(0, 10, { key: "empty" })).toHaveLength(0);
  });

  it("is not asked for again when nobody reads on", async () => {
    const { pieces } = await reader().open(place, 0, Date.now() + 5_000);
    for await (const _ of pieces) break;
    expect(s3.calls.length).toBeLessThanOrEqual(2);
  });

  it.each(["reset", "stall", "fail", "throttle"] as const)("is whole where a call fails once (%s)", async (fault) => {
    s3.faulty(fault, { isDone: fault === "stall", times: 1 });
    expect(await read()).toEqual(BODY);
  });

  it("ends in an error where another takes its place meanwhile", async () => {
    s3.hooks.beforeCall = () => {
      if (s3.calls.length === 3) s3.s3.store(BUCKET, place.key, "another");
    };
    await expect(read()).rejects.toThrow("cannot read s3://logs/a key: another object has taken its place");
  });

  it.each([
    ["that is not there", { key: "b" }, "there is no such object any more"],
    ["in a bucket that is not there", { bucket: "none" }, "there is no such bucket"],
  ])("%s is named, with what to do", async (_, given, problem) => {
    await expect(read(0, 10, given)).rejects.toThrow(problem);
  });

  it("that may not be read is named with the right that is missing", async () => {
    s3.faulty("deny");
    await expect(read()).rejects.toThrow(/cannot read s3:\/\/logs\/a key: access denied.*s3:GetObject/);
  });

  it("that nobody answers for ends in time", async () => {
    s3.faulty("hang");
    await expect(read()).rejects.toThrow(/no answer in time|no connection/);
    await expect(read(0, 10, {}, 100)).rejects.toThrow("no answer in time");
    await expect(read(0, 10, {}, 0)).rejects.toThrow("no answer in time");
  });
});
