import { createHash, randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import type { FailedBatch, FailureStore, StoredBatch, StoredBatches } from "../../src/delivery/failure-store.ts";
import type { Kind } from "../../src/destinations/destination.ts";
import { createSqsStore } from "../../src/io/sqs-store.ts";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import type { CreatedResource, ResourceType } from "../emulator/service.ts";
import type { QueueFault, QueueMessage } from "../emulator/sqs.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { aTextBatch, split, textsIn } from "../helpers/text-batches.ts";

const FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder";
const OTHER_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:other";
const KINDS: Kind[] = ["logs", "traces", "metrics"];
/** The least that a queue can be configured to. */
const SMALL_BYTES = 1_024;

let emulator: Emulator;
let queues = 0;

beforeAll(async () => {
  emulator = await startEmulator();
  Object.assign(process.env, emulator.environment);
});
afterAll(() => emulator.stop());

describe("the SQS store", () => {
  it("gives back what was put into it, once it is claimed, until it is removed", async () => {
    const { store, messages, redrive } = aQueue();
    const batch = aTextBatch(["one", "two"], { kind: "traces", destination: "datadog-traces" });
    await store.put(batch, false, soon());
    const [stored] = await claimAll(await redrive());
    expect(stored).toMatchObject({ kind: "traces", isPossiblyDelivered: false });
    expect(Math.abs(Date.now() - (stored as StoredBatch).storedAtUnixMs)).toBeLessThan(5_000);
    expect(await contentOf(stored)).toEqual({
      header: expect.objectContaining({ version: 1, destination: "datadog-traces", items: 2, reason: "HTTP 503" }),
      items: ["one", "two"],
    });
    expect(messages()).toHaveLength(1);
    await stored?.remove();
    expect(messages()).toEqual([]);
  });

  it("says for people which queue and which message it is", async () => {
    const { store, queueUrl, messages, redrive } = aQueue();
    await store.put(aTextBatch(["one"]), false, soon());
    const [stored] = await claimAll(await redrive());
    expect(stored?.place).toBe(`${queueUrl} message ${messages()[0]?.messageId}`);
  });

  it("marks messages as the Datadog Forwarder does", async () => {
    const { store, messages } = aQueue();
    await store.put(aTextBatch(["one"]), false, soon());
    expect(attributesOf(messages()[0])).toEqual({
      retry_prefix: "logs",
      function_prefix: createHash("sha1").update(FUNCTION_ARN.toLowerCase()).digest("hex"),
    });
  });

  it("reads what a Datadog Forwarder left behind as the text that it is", async () => {
    const { queueUrl, send, redrive } = aQueue();
    const text = JSON.stringify(['{"message":"größer"}', '{"message":"2"}']);
    await send(text, { retry_prefix: "logs", function_prefix: prefixOf(FUNCTION_ARN) });
    const [stored] = await claimAll(await redrive());
    expect(stored).toMatchObject({ kind: "logs", place: expect.stringContaining(queueUrl) });
    expect(Buffer.from(await (stored as StoredBatch).read()).toString()).toBe(text);
  });

  it("claims the oldest first of what the queue gives", async () => {
    const { store, redrive } = aQueue();
    await putInTurn(store, ["1", "2", "3", "4"]);
    expect(await itemsOf(await (await redrive()).claim())).toEqual(["1", "2", "3", "4"]);
  });

  it("costs one call where nothing is stored", async () => {
    const { calls, redrive } = aQueue();
    const batches = await redrive();
    expect(await batches.claim()).toEqual([]);
    await batches.close();
    expect(calls()).toEqual(["ReceiveMessage"]);
    // A call that waits is answered by all servers of SQS, one that does not by some.
    expect(emulator.sqs.calls.at(-1)?.input).toMatchObject({ WaitTimeSeconds: 1 });
  });

  it("costs no call to close when everything was removed", async () => {
    const { store, calls, redrive } = aQueue();
    await store.put(aTextBatch(["one"]), false, soon());
    const batches = await redrive();
    for (const stored of await batches.claim()) await stored.remove();
    await batches.close();
    expect(calls()).toEqual(["GetQueueAttributes", "SendMessage", "ReceiveMessage", "DeleteMessage"]);
  });
});

describe("a batch that is larger than a message", () => {
  it("becomes several messages that the queue takes, every item once and in order", async () => {
    const { store, messages, redrive } = aQueue({ MaximumMessageSize: SMALL_BYTES });
    const item = fc.string({ unit: "grapheme", maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 80 }), async (items) => {
        await store.put(aTextBatch(items), false, soon());
        expect(messages().flatMap(({ body }) => unpacked(Buffer.from(body, "base64")).items)).toEqual(items);
        const claimed = await claimAll(await redrive());
        expect((await itemsOf(claimed)).sort()).toEqual([...items].sort());
        for (const stored of claimed) await stored.remove();
        expect(messages()).toEqual([]);
      }),
      { numRuns: propertyRuns(25) },
    );
  });

  it("is cut to the queue's own limit, which is read once", async () => {
    const { store, messages, calls } = aQueue({ MaximumMessageSize: 400_000 });
    await Promise.all([1, 2].map(() => store.put(aTextBatch(incompressible(70)), false, soon())));
    expect(Math.max(...messages().map(({ body }) => body.length))).toBeGreaterThan(262_144);
    expect(calls().filter((operation) => operation === "GetQueueAttributes")).toHaveLength(1);
  });

  it.each<[QueueFault, string, number]>([
    ["deny", "and that is for good", 0],
    ["hang", "and it is asked for again with the next", 1],
  ])("is cut to 256 KiB when the limit cannot be read: %s, %s", async (fault, _, asks) => {
    const { store, messages, calls } = aQueue();
    const reads = (): number => calls().filter((operation) => operation === "GetQueueAttributes").length;
    disturb(fault, "GetQueueAttributes");
    await store.put(aTextBatch(incompressible(60)), false, Date.now() + 1_500);
    expect(messages().length).toBeGreaterThan(1);
    expect(Math.max(...messages().map(({ body }) => body.length))).toBeLessThan(262_144);
    const before = reads();
    disturb(undefined);
    await store.put(aTextBatch(["next"]), false, soon());
    expect(reads() - before).toBe(asks);
  });

  it("is refused before anything is sent when one item does not fit", async () => {
    const { store, queueUrl, messages } = aQueue({ MaximumMessageSize: SMALL_BYTES });
    const secret = randomBytes(800).toString("hex");
    const problem = await problemOf(store.put(aTextBatch(["small", "small too", secret]), false, soon()));
    expect(problem).toContain(`cannot put a failed batch into the queue ${queueUrl}: an item of 1604 bytes is`);
    expect(problem).toContain("raise the queue's MaximumMessageSize, or use an S3 bucket as the failure store");
    expect(problem).not.toContain(secret.slice(0, 8));
    expect(messages()).toEqual([]);
  });

  it("is cut anew after the queue's limit was lowered", async () => {
    const { store, queueUrl, messages } = aQueue();
    const batch = aTextBatch(Array.from({ length: 10 }, () => randomBytes(200).toString("hex")));
    await store.put(batch, false, soon());
    emulator.sqs.resourceTypes?.["AWS::SQS::Queue"]?.update?.(queueUrl, { MaximumMessageSize: SMALL_BYTES });
    expect(await problemOf(store.put(batch, false, soon()))).toContain("it takes smaller messages than expected");
    await store.put(batch, false, soon());
    expect(messages().length).toBeGreaterThan(2);
  });

  it("leaves room for the attributes of the quarantine", async () => {
    const { store, messages, redrive } = aQueue({ MaximumMessageSize: SMALL_BYTES });
    let problem = "";
    for (let bytes = 430; problem === ""; bytes++) {
      const batch = aTextBatch([randomBytes(bytes).toString("base64")], { kind: "metrics" });
      problem = await problemOf(store.put(batch, false, soon()));
    }
    const count = messages().length;
    for (const stored of await claimAll(await redrive())) await stored.quarantine();
    expect(count).toBeGreaterThan(10);
    expect(messages().map((message) => attributesOf(message).retry_prefix)).toEqual(Array(count).fill("quarantine"));
  });
});

describe("a redrive of a queue", () => {
  it("gives each message to one of several redrives at once", async () => {
    const { store, redrive, messages } = aQueue();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 35 }), fc.integer({ min: 2, max: 4 }), async (count, redrives) => {
        const items = Array.from({ length: count }, (_, index) => String(index));
        await Promise.all(items.map((item) => store.put(aTextBatch([item]), false, soon())));
        const claimed = await Promise.all(Array.from({ length: redrives }, async () => claimAll(await redrive())));
        const taken = await Promise.all(claimed.map(itemsOf));
        expect(taken.flat().sort()).toEqual([...items].sort());
        await Promise.all(claimed.flat().map((stored) => stored.remove()));
        expect(messages()).toEqual([]);
      }),
      { numRuns: propertyRuns(10) },
    );
  });

  it("that died holds its messages until a minute after its deadline; then they are possibly delivered", async () => {
    const { store, redrive } = aQueue();
    await store.put(aTextBatch(["one"]), false, soon());
    await (await redrive(Date.now() + 120_000)).claim();
    emulator.sqs.passTime(175);
    expect(await claimAll(await redrive())).toEqual([]);
    emulator.sqs.passTime(10);
    const again = await claimAll(await redrive());
    expect(again).toMatchObject([{ isPossiblyDelivered: true }]);
    expect(await itemsOf(again)).toEqual(["one"]);
  });

  it("holds messages for as long as SQS allows when its deadline is far away", async () => {
    const { store, redrive } = aQueue();
    await store.put(aTextBatch(["one"]), false, soon());
    expect(await claimAll(await redrive(Date.now() + 86_400_000))).toHaveLength(1);
  });

  it("leaves what it did not finish to the next one, at once", async () => {
    const { store, redrive } = aQueue();
    await putInTurn(store, ["1", "2", "3"]);
    const first = await redrive();
    await (await first.claim())[1]?.remove();
    await first.close();
    const next = await claimAll(await redrive());
    expect(await itemsOf(next)).toEqual(["1", "3"]);
    expect(next.map(({ isPossiblyDelivered }) => isPossiblyDelivered)).toEqual([true, true]);
  });

  it("looks beyond what is not its own, receives that once, and leaves it as it was", async () => {
    const { store, messages, send, redrive, calls } = aQueue();
    const other = { retry_prefix: "logs", function_prefix: prefixOf(OTHER_ARN) };
    for (let index = 0; index < 12; index++) await send(`["other ${index}"]`, other);
    await send("[]", { ...other, retry_prefix: "quarantine" });
    await send('{"version":"1.0","requestPayload":{}}', {});
    await send("[]", { retry_prefix: "constructor", function_prefix: prefixOf(FUNCTION_ARN) });
    await store.put(aTextBatch(["a trace"], { kind: "traces" }), false, soon());
    await store.put(aTextBatch(["mine"]), false, soon());
    const before = messages().map(({ messageId, body }) => ({ messageId, body }));
    const batches = await redrive(soon(), ["logs"]);
    const claimed = await claimAll(batches);
    expect(await itemsOf(claimed)).toEqual(["mine"]);
    expect(calls().filter((operation) => operation === "ReceiveMessage")).toHaveLength(3);
    await claimed[0]?.remove();
    await batches.close();
    expect(messages().map(({ messageId, body }) => ({ messageId, body }))).toEqual(before.slice(0, -1));
    expect(messages().every(({ receiveCount }) => receiveCount === 1)).toBe(true);
    expect(messages().every(({ hiddenUntilUnixMs }) => hiddenUntilUnixMs <= messages.nowUnixMs())).toBe(true);
  });

  it("keeps the rest of a batch in place of it, for the next redrive", async () => {
    const { store, messages, redrive } = aQueue();
    await store.put(aTextBatch(["done", "left"]), false, soon());
    const deadlineUnixMs = soon();
    const batches = await redrive(deadlineUnixMs);
    const [stored] = await batches.claim();
    await stored?.replace(aTextBatch(["left"]));
    expect(await batches.claim()).toEqual([]);
    await batches.close();
    expect(messages()).toHaveLength(1);
    emulator.sqs.passTime(61);
    const next = await claimAll(await redrive());
    expect(next).toMatchObject([{ isPossiblyDelivered: false }]);
    expect(await itemsOf(next)).toEqual(["left"]);
  });

  it("keeps a batch whose rest could not be stored", async () => {
    const { store, messages, redrive } = aQueue();
    await store.put(aTextBatch(["one", "two"]), false, soon());
    const [stored] = await claimAll(await redrive());
    disturb("deny", "SendMessage");
    await expect(stored?.replace(aTextBatch(["two"]))).rejects.toThrow("sqs:SendMessage");
    expect(messages()).toHaveLength(1);
  });
});

describe("the quarantine of a queue", () => {
  it("holds what cannot be understood, as it was, with its kind", async () => {
    const { send, messages, redrive } = aQueue();
    await send("[broken", { retry_prefix: "metrics", function_prefix: prefixOf(FUNCTION_ARN) });
    const [stored] = await claimAll(await redrive());
    await stored?.quarantine();
    expect(messages()).toMatchObject([{ body: "[broken" }]);
    expect(attributesOf(messages()[0])).toEqual({
      retry_prefix: "quarantine",
      function_prefix: prefixOf(FUNCTION_ARN),
      kind: "metrics",
    });
  });

  it("holds what an intake refuses, with its answer", async () => {
    const { store, messages } = aQueue();
    await store.put(aTextBatch(["one"], { reason: "HTTP 400", answer: "no such field" }), true, soon());
    expect(attributesOf(messages()[0])).toMatchObject({ retry_prefix: "quarantine", kind: "logs" });
    const { header } = unpacked(Buffer.from(messages()[0]?.body as string, "base64"));
    expect(header).toMatchObject({ reason: "HTTP 400", answer: "no such field" });
  });

  it("is skipped by redrives, which receive it twice a day at most", async () => {
    const { store, messages, redrive } = aQueue();
    await store.put(aTextBatch(["one"]), true, soon());
    for (let hour = 0; hour < 24; hour += 2) {
      const batches = await redrive();
      expect(await batches.claim()).toEqual([]);
      await batches.close();
      emulator.sqs.passTime(7_200);
    }
    expect(messages()).toMatchObject([{ receiveCount: 2 }]);
  });
});

describe("an SQS that fails", () => {
  it.each<[QueueFault, number]>([
    ["reset", 3_000],
    ["hang", 1_000],
    ["throttle", 3_000],
  ])("is asked again: %s", async (fault, msLeft) => {
    const { store, messages } = aQueue();
    await store.put(aTextBatch(["first"]), false, soon());
    let isFirst = true;
    emulator.sqs.faultOf = ({ operation }) => {
      if (operation !== "SendMessage" || !isFirst) return undefined;
      isFirst = false;
      return fault;
    };
    await store.put(aTextBatch(["second"]), false, Date.now() + msLeft);
    expect(messages()).toHaveLength(2);
  });

  it("may hold a batch twice when its answer was lost, but never less than once", async () => {
    const { store, redrive } = aQueue();
    let isFirst = true;
    emulator.sqs.faultOf = ({ operation }) => {
      if (operation !== "SendMessage" || !isFirst) return undefined;
      isFirst = false;
      return "lose";
    };
    await store.put(aTextBatch(["one"]), false, soon());
    expect(await itemsOf(await claimAll(await redrive()))).toEqual(["one", "one"]);
  });

  it("that hangs keeps nobody past the deadline, and is not called any more after it", async () => {
    const { store, queueUrl, redrive, calls } = aQueue();
    await Promise.all(["one", "two"].map((text) => store.put(aTextBatch([text]), false, soon())));
    const deadlineUnixMs = Date.now() + 500;
    const [batches, other] = [await redrive(deadlineUnixMs), await redrive(deadlineUnixMs)];
    const [stored] = await batches.claim();
    disturb("hang");
    const problems = await Promise.all([
      problemOf(store.put(aTextBatch(["three"]), false, deadlineUnixMs)),
      problemOf(other.claim()),
      problemOf(stored?.remove()),
      problemOf(stored?.replace(aTextBatch(["one"]))),
      problemOf(stored?.quarantine()),
    ]);
    expect(Date.now() - deadlineUnixMs).toBeLessThan(2_000);
    expect(problems[0]).toBe(
      `cannot put a failed batch into the queue ${queueUrl}: timeout; check that the function can reach SQS: in a VPC it needs a NAT gateway or an endpoint for SQS`,
    );
    for (const problem of problems) expect(problem).toContain(": timeout; check that the function can reach SQS");

    const before = calls().length;
    await batches.close();
    expect(await problemOf(batches.claim())).toContain("no time left; raise the function's timeout");
    expect(await problemOf(store.put(aTextBatch(["three"]), false, Date.now()))).toContain("no time left");
    expect(calls()).toHaveLength(before);
  });

  it("that denies is an error with the remedy, in every step", async () => {
    const { store, queueUrl, redrive } = aQueue();
    await store.put(aTextBatch(["one"]), false, soon());
    const batches = await redrive();
    const [stored] = await batches.claim();
    disturb("deny");
    const steps: [() => Promise<unknown> | undefined, string][] = [
      [() => store.put(aTextBatch(["two"]), false, soon()), "sqs:SendMessage"],
      [() => batches.claim(), "sqs:ReceiveMessage"],
      [() => stored?.remove(), "sqs:DeleteMessage"],
      [() => stored?.replace(aTextBatch(["one"])), "sqs:SendMessage"],
      [() => stored?.quarantine(), "sqs:SendMessage"],
      [() => batches.close(), "sqs:ChangeMessageVisibility"],
    ];
    for (const [step, action] of steps) {
      const problem = await problemOf(step());
      expect(problem).toContain(`the queue ${queueUrl}: AccessDenied; the function's role must allow ${action} on it`);
    }
  });

  it("has no such queue", async () => {
    const { queueUrl } = aQueue();
    const { put, open } = aStore(`${queueUrl}-gone`);
    const text = `the queue ${queueUrl}-gone: QueueDoesNotExist; there is no such queue: check the region, the account and the name in its URL`;
    expect(await problemOf(put(aTextBatch(["one"]), false, soon()))).toBe(`cannot put a failed batch into ${text}`);
    const batches = (await open(KINDS, soon())) as StoredBatches;
    expect(await problemOf(batches.claim())).toBe(`cannot receive failed batches from ${text}`);
  });

  it("cannot be reached", async () => {
    const gone = await startEmulator();
    await gone.stop();
    const { put } = aStore(`${gone.endpoint}/123456789012/failed`);
    expect(await problemOf(put(aTextBatch(["one"]), false, soon()))).toMatch(
      /^cannot put a failed batch into the queue http:\S+: .+; check that the function can reach SQS/,
    );
  });
});

function aStore(queueUrl: string, functionArn = FUNCTION_ARN) {
  return createSqsStore({ queueUrl, functionArn, split });
}

/** A queue of its own, and a store in it. */
function aQueue(properties: object = {}) {
  const { sqs } = emulator;
  sqs.faultOf = () => undefined;
  const QueueName = `failed-${queues++}`;
  const ofQueues = sqs.resourceTypes?.["AWS::SQS::Queue"] as ResourceType;
  const { physicalId: queueUrl } = ofQueues.create({ QueueName, ...properties }, "unused") as CreatedResource;
  const store = aStore(queueUrl);
  return {
    queueUrl,
    store,
    redrive: async (deadlineUnixMs = soon(), kinds = KINDS) =>
      (await store.open(kinds, deadlineUnixMs)) as StoredBatches,
    messages: Object.assign(() => sqs.messages(queueUrl), { nowUnixMs: sqs.nowUnixMs }),
    calls: () => sqs.calls.filter(({ input }) => input.QueueUrl === queueUrl).map(({ operation }) => operation),
    /** As any other program sends. */
    async send(body: string, attributes: Record<string, string>) {
      const { SendMessageCommand, SQSClient } = await import("@aws-sdk/client-sqs");
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
      );
      await new SQSClient({}).send(
        new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, MessageAttributes }),
      );
    },
  };
}

/** A second apart. */
async function putInTurn(store: FailureStore, texts: string[]): Promise<void> {
  for (const text of texts) {
    await store.put(aTextBatch([text]), false, soon());
    emulator.sqs.passTime(1);
  }
}

function disturb(fault: QueueFault | undefined, operation?: string): void {
  emulator.sqs.faultOf = (call) => (operation === undefined || call.operation === operation ? fault : undefined);
}

/** Far enough away for every call. */
function soon(): number {
  return Date.now() + 60_000;
}

async function claimAll(batches: StoredBatches): Promise<StoredBatch[]> {
  const all: StoredBatch[] = [];
  for (;;) {
    const claimed = await batches.claim();
    if (claimed.length === 0) return all;
    all.push(...claimed);
  }
}

async function contentOf(stored: StoredBatch | undefined) {
  return unpacked(await (stored as StoredBatch).read());
}

function unpacked(bytes: Uint8Array): { header: Partial<FailedBatch>; items: string[] } {
  const plain = gunzipSync(bytes);
  const endOfHeader = plain.indexOf("\n");
  return {
    header: JSON.parse(plain.subarray(0, endOfHeader).toString()),
    items: textsIn(plain.subarray(endOfHeader + 1)),
  };
}

async function itemsOf(claimed: StoredBatch[]): Promise<string[]> {
  return (await Promise.all(claimed.map(contentOf))).flatMap(({ items }) => items);
}

function attributesOf(message: QueueMessage | undefined): Record<string, string | undefined> {
  const attributes = Object.entries(message?.attributes ?? {});
  return Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue]));
}

function prefixOf(functionArn: string): string {
  return createHash("sha1").update(functionArn.toLowerCase()).digest("hex");
}

/** 10 KB each, of which gzip takes little. */
function incompressible(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(7_500).toString("base64"));
}

/** "" when it went well. */
async function problemOf(step: Promise<unknown> | undefined): Promise<string> {
  try {
    await step;
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
