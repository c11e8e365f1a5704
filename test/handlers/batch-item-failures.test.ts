import { type ForwarderRun, forwarderRun } from "../helpers/forwarder-runs.ts";
import { anIntake, type Reply, type TestIntake } from "../helpers/intake.ts";
import { sampleEvent } from "../helpers/items.ts";
import { s3Event } from "../helpers/s3-notices.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";

const [RECORD] = sampleEvent("sqs-messages").Records;
const NOTIFICATION = JSON.stringify(s3Event("missing"));
const EVENT = {
  Records: ["first", NOTIFICATION, "third"].map((body, index) => ({ ...RECORD, messageId: `m${index}`, body })),
};

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
  Object.assign(process.env, s3.environment);
});
afterAll(() => s3.stop());

let intake: TestIntake;
afterEach(() => intake.stop());

async function run(event: unknown, env: Record<string, string> = {}, replies: Reply[] = []): Promise<ForwarderRun> {
  intake = await anIntake(...replies);
  return forwarderRun(intake, event, env, () => 5_000);
}

const bodies = (): unknown[] => intake.logs().map(({ message }) => message);
const REPORTING = { REPORT_BATCH_ITEM_FAILURES: "true" };

describe("messages of a queue that cannot be read", () => {
  it("are given back alone where Lambda asks for it, and the others are delivered once", async () => {
    const { answer, error, ledger, output } = await run(EVENT, REPORTING);
    expect(error).toBeUndefined();
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m1" }] });
    expect(bodies()).toEqual(["first", "third"]);
    expect(ledger).toMatchObject({ events: 2, logs: 2, unaccounted: 0 });
    expect(ledger.destinations["datadog-logs"]).toMatchObject({ delivered: 2, possiblyDuplicated: 0 });
    expect(output).toContain("1 of 3 SQS messages: cannot read s3://");
  });

  it("make the invocation fail where nothing says that Lambda reads an answer: it would take all for done", async () => {
    const { answer, error, ledger } = await run(EVENT);
    expect(answer).toBeUndefined();
    expect(error?.message).toContain("1 of 3 SQS messages: cannot read s3://");
    expect(bodies()).toEqual(["first", "third"]);
    expect(ledger.destinations["datadog-logs"]).toMatchObject({ delivered: 2, possiblyDuplicated: 2 });
  });

  it("are not given back alone when others could not be delivered: all come again", async () => {
    const { answer, error, ledger } = await run(EVENT, REPORTING, Array(20).fill(403));
    expect(answer).toBeUndefined();
    expect(error).toBeDefined();
    expect(ledger).toMatchObject({ logs: 2, unaccounted: 0 });
  });
});

it("an event that is read whole gives no answer", async () => {
  const { answer, error } = await run(sampleEvent("sqs-messages"), REPORTING);
  expect([answer, error]).toEqual([undefined, undefined]);
  expect(bodies()).toHaveLength(2);
});
