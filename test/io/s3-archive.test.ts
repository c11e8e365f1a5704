import { gunzipSync, unzipSync } from "node:zlib";
import fc from "fast-check";
import { archiveDestinations, archiveOutcome } from "../../src/destinations/archive.ts";
import { archiveItemsIn } from "../../src/destinations/archive-items.ts";
import { archiveAccess } from "../../src/io/s3-archive.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

let server: S3Server;
let environment: NodeJS.ProcessEnv;
beforeEach(async () => {
  environment = { ...process.env };
  server = await startS3();
  Object.assign(process.env, server.environment);
});
afterEach(async () => {
  process.env = environment;
  await server.stop();
});

const line = (time: string, more = ""): string => `{"event_time":"${time}","body":"${more}"}`;
const bodyOf = (...lines: string[]): Buffer => Buffer.from(lines.map((text) => `${text}\n`).join(""));

function anArchive(settings: { prefix?: string } = {}, reports: string[] = []) {
  const access = archiveAccess(
    { name: "archive", bucket: "bucket", prefix: "", usePathStyle: false, compressionLevel: 6, ...settings },
    (problem) => reports.push(problem),
  );
  const write = (body: Buffer, url = "logs") =>
    access.post({ url, headers: {}, body: access.compress(body).body, timeoutMs: 5_000 });
  return { ...access, write };
}

const objects = (): Record<string, string> =>
  Object.fromEntries(
    server.s3.keys("bucket").map((key) => [key, gunzipSync(server.s3.object("bucket", key)).toString()]),
  );

const aBucket = (): void => {
  server.s3.store("bucket", "there", "");
  server.s3.remove("bucket", "there");
};

describe("the archive in S3", () => {
  it("writes the lines of each hour into an object of its own, below the date and the hour", async () => {
    aBucket();
    const [one, two, three] = [
      line("2026-11-21T12:59:59.999Z", "one"),
      line("2026-11-21T13:00:00.000Z", "two"),
      ` ${line("2026-11-21T12:00:00.000Z", "three")}`,
    ] as [string, string, string];
    expect(await anArchive({ prefix: "logs/prod" }).write(bodyOf(one, two, three))).toEqual({ status: 200 });
    const written = Object.entries(objects()).map(([key, text]) => [key.replace(/[0-9a-f]{32}/, "<hash>"), text]);
    expect(written).toEqual([
      ["logs/prod/logs/dt=2026-11-21/hour=12/<hash>.ndjson.gz", `${one}\n${three}\n`],
      ["logs/prod/logs/dt=2026-11-21/hour=13/<hash>.ndjson.gz", `${two}\n`],
    ]);
  });

  it("writes what comes again over what is there", async () => {
    aBucket();
    const body = bodyOf(line("2026-11-21T12:00:00.000Z", "one"));
    await anArchive().write(body);
    await anArchive().write(body);
    await anArchive().write(body, "traces");
    expect(Object.keys(objects()).map((key) => key.split("/")[0])).toEqual(["logs", "traces"]);
    expect(server.calls).toHaveLength(3);
  });

  it("holds every line once in the body that is stored when S3 does not take it", () => {
    const hour = fc.integer({ min: 10, max: 13 });
    fc.assert(
      fc.property(fc.array(fc.tuple(hour, fc.boolean()), { minLength: 1, maxLength: 12 }), (given) => {
        const lines = given.map(([of, isContinued], index) => {
          const text = line(`2026-11-21T${of}:00:00.000Z`, String(index));
          return isContinued && index > 0 ? ` ${text}` : text;
        });
        const body = bodyOf(...lines);
        const unpacked = unzipSync(anArchive().compress(body).body);
        expect(unpacked.toString().split("\n").sort()).toEqual(["", ...lines].sort());
        expect(archiveItemsIn(unpacked)).toHaveLength(archiveItemsIn(body).length);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it.each([
    ["NoSuchBucket", undefined, "rejected", /^destination archive: cannot write s3:\/\/bucket\/logs\/dt=.*create it/],
    ["AccessDenied", "deny", "rejected", /the function's role needs s3:PutObject/],
    ["InternalError", "fail", "retryable", /S3 failed/],
    ["SlowDown", "throttle", "retryable", /too many requests/],
  ] as const)("says %s and what to do, once until it works again", async (code, fault, status, remedy) => {
    if (code !== "NoSuchBucket") aBucket();
    if (fault) server.faulty(fault);
    const reports: string[] = [];
    const archive = anArchive({}, reports);
    const body = bodyOf(line("2026-11-21T12:00:00.000Z", "the customer's secret"));
    const answer = await archive.write(body);
    expect(answer).toEqual({ error: code, isSent: false });
    expect(archiveOutcome(answer)).toMatchObject({ status, reason: code });
    await archive.write(body);
    expect(reports).toEqual([expect.stringMatching(remedy)]);
    expect(reports[0]).not.toMatch(/DD_S3_BUCKET_NAME|secret/);
    server.heal();
    aBucket();
    expect(await archive.write(body)).toEqual({ status: 200 });
  });

  it("has two destinations, and none for metrics", () => {
    expect(archiveDestinations({ tags: "", source: "" }).map(({ name, kind, url }) => [name, kind, url])).toEqual([
      ["archive-logs", "logs", "logs"],
      ["archive-traces", "traces", "traces"],
    ]);
  });
});
