import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { closeLedger, openLedger } from "../../src/delivery/ledger.ts";
import { readTelemetry } from "../../src/pipeline.ts";
import { sources } from "../../src/sources/index.ts";
import { eventOf } from "../../src/sources/s3-notification.ts";
import type { Reach } from "../../src/sources/source.ts";
import { KINDS } from "../../src/sources/unknown-event.ts";
import { aDelivery, anEnvelope } from "../helpers/deliveries.ts";
import { forwarderRun } from "../helpers/forwarder-runs.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { sampleEvent } from "../helpers/items.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { BUCKET, eventBridgeEvent, s3Event, snsEvent, sqsEvent } from "../helpers/s3-notices.ts";
import { type S3Server, startS3 } from "../helpers/s3-server.ts";
import { aggregated, firehoseEvent, kafkaEvent, kinesisEvent, packed } from "../helpers/streams.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

const SECRET = "hunter2";
const CONTENTS = [
  Buffer.from(`one ${SECRET}\n{"a":"${SECRET}"}\n{"b":[1,2,{"c":"d"}]}{"e":1}\n`),
  gzipSync(JSON.stringify({ Records: [{ eventVersion: "1.08", secret: SECRET }, { n: 1 }] })),
  gzipSync(gzipSync(anEnvelope([SECRET, aPayload({})]) + anEnvelope(["b"]))),
  Buffer.concat([gzipSync("version srcaddr dstaddr action\n"), gzipSync("2 10.0.0.1 10.0.0.2 ACCEPT\n")]),
  Buffer.from(`#Version: 1.0\n#Fields: date c-ip cs(Cookie)\n2026-11-21\t10.0.0.1\t${SECRET}\n`),
];
const PLACE = { isPacked: false, byte: 4, line: 1, state: { mode: "top", isInObject: false } };
const RESUMED = eventOf({ bucket: BUCKET, key: "a", region: "eu-west-1", etag: "e", ...PLACE });
/** By what people call their source. */
const EVENTS: Record<string, object[]> = {
  "CloudWatch Logs subscription": [aDelivery([SECRET, aPayload({})]), aDelivery([{ id: "", message: "a" }])],
  "EventBridge event": [eventBridgeEvent("a"), sampleEvent("eventbridge-guardduty")],
  "SNS notification": [snsEvent(s3Event("a"), { other: 1 }), sampleEvent("sns-notifications")],
  "SQS messages": [
    sqsEvent(s3Event("a"), "text", snsEvent(s3Event("b")), eventBridgeEvent("c")),
    sampleEvent("sqs-messages"),
    sampleEvent("sqs-sns-s3-notification"),
  ],
  "S3 notification": [s3Event("a", "b"), RESUMED],
  "Kinesis records": [kinesisEvent(packed(SECRET), aggregated(packed("a"), packed("b")), ...CONTENTS)],
  "Kafka records": [kafkaEvent(packed(SECRET), ...CONTENTS, null), sampleEvent("kafka-self-managed")],
  "Firehose transformation": [firehoseEvent(packed(SECRET), ...CONTENTS)],
};
/** Of one part of any event: what is read at once, once more for what was written of it, and some. */
const MAX_SLICE_BYTES = 16 * 1024 * 1024;

/** What is changed: a byte of a content or of a record, or a value anywhere in the event. */
const mutation = fc.record({
  at: fc.nat(),
  byte: fc.nat(255),
  cut: fc.nat(40),
  value: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("H4sI!", "", "__proto__", "s3:TestEvent")),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

interface Tally {
  tried: number;
  read: number;
  explained: number;
}
/** By source; those that no source claims any more are of no kind. */
const tallies = new Map<string, Tally>();

function tallyOf(event: unknown): Tally {
  const index = sources.findIndex((source) => source.matches(Object(event) as object));
  const kind = KINDS[index] ?? "no kind";
  const tally = tallies.get(kind) ?? { tried: 0, read: 0, explained: 0 };
  tallies.set(kind, tally);
  tally.tried++;
  return tally;
}

/** Reads it, or says why not without any content; either way every event that was read is accounted for. */
async function readsOrExplains(event: unknown, content: Buffer): Promise<void> {
  const reach: Reach = {
    openObject: async (_, from) => ({ etag: "e", pieces: pieces(content.subarray(from)) }),
    beginsEvent: undefined,
    maxObjectBytes: 1_000_000,
    isLate: () => false,
    unfinished: [],
    canResume: true,
    answer: undefined,
    report: (problem) => expect(problem).not.toContain(SECRET),
  };
  const ledger = openLedger();
  const tally = tallyOf(event);
  try {
    const options = { loadReach: async () => reach };
    for await (const { events, dropped, telemetry } of readTelemetry(event, A_FORWARDER, [], options)) {
      ledger.events += events;
      for (const count of Object.values(dropped)) ledger.dropped.any = (ledger.dropped.any ?? 0) + count;
      for (const { logs, tracePayloads, metrics, slice } of telemetry) {
        expect(slice.bytes.length).toBeLessThan(MAX_SLICE_BYTES);
        ledger.logs += logs.length;
        ledger.traceLines += tracePayloads.length;
        ledger.metricLines += metrics.filter(({ isLine }) => isLine).length;
      }
    }
    tally.read++;
  } catch (error) {
    tally.explained++;
    expect((error as Error).name).toBe("UnreadableEventError");
    expect((error as Error).message).not.toContain(SECRET);
  }
  ledger.skipped.here = ledger.logs + ledger.traceLines + ledger.metricLines;
  expect(closeLedger(ledger).unaccounted).toBe(0);
}

async function* pieces(content: Buffer, length = 100): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += length) yield content.subarray(at, at + length);
}

function changedBytes(bytes: Buffer, { at, byte, cut }: Mutation): Buffer {
  const index = at % Math.max(1, bytes.length);
  return Buffer.concat([bytes.subarray(0, index), Buffer.from([byte]), bytes.subarray(index + cut)]);
}

/** The event with one of its values replaced, or one of its texts damaged. */
function changedEvent(event: object, { at, value, cut, byte }: Mutation): unknown {
  const copy = structuredClone(event);
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  const [node, key] = places[at % places.length] as [Record<string, unknown>, string];
  const old = node[key];
  const index = typeof old === "string" ? at % (old.length + 1) : 0;
  const isDamaged = typeof old === "string" && byte % 2 === 0;
  node[key] = isDamaged ? old.slice(0, index) + String.fromCharCode(byte) + old.slice(index + cut) : value;
  return copy;
}

describe("a delivery of any source", () => {
  it.each(Object.entries(EVENTS))(
    "(%s) is read or explained without its content, and its books balance, whatever is changed in it",
    async (_, events) => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...events),
          fc.constantFrom(...CONTENTS),
          mutation,
          async (event, content, change) => {
            await readsOrExplains(changedEvent(event, change), content);
            await readsOrExplains(event, changedBytes(content, change));
          },
        ),
        { numRuns: propertyRuns(100) },
      );
    },
    60_000,
  );

  it("is so with damaged bytes in a record of a stream", async () => {
    const event = fc.constantFrom(kinesisEvent, kafkaEvent, firehoseEvent);
    const data = fc.constantFrom(packed(SECRET), aggregated(packed(SECRET)), ...CONTENTS);
    await fc.assert(
      fc.asyncProperty(
        event,
        data,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (event, data, changes) => {
          await readsOrExplains(event(changes.reduce(changedBytes, data)), Buffer.alloc(0));
        },
      ),
      { numRuns: propertyRuns(500) },
    );
  }, 60_000);

  it("is held in memory a slice at a time, whatever never ends in it", async () => {
    const endless = [
      "x",
      '{"a":"',
      '{"a":1,',
      "[",
      '[{"',
      '{"a":[\n ',
      '{"Records":[{"a":"',
      anEnvelope(["a"]).slice(0, -3),
    ];
    const filler = fc.constantFrom(
      "x",
      "\\",
      '"',
      "[",
      "{",
      '{"a":',
      "\n",
      "\n ",
      ",",
      "\u00e9",
      '"},{"id":"1","timestamp":1,"message":"',
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...endless), filler, async (front, filler) => {
        const content = gzipSync(front + filler.repeat(Math.ceil(3e6 / filler.length)));
        for (const event of [kinesisEvent(content), firehoseEvent(content), kafkaEvent(content)]) {
          await readsOrExplains(event, Buffer.alloc(0));
        }
      }),
      { numRuns: Math.min(propertyRuns(8), 40) },
    );
  }, 60_000);

  afterAll(() => {
    const all = [...tallies];
    const sum = (of: (tally: Tally) => number): number => all.reduce((total, [, tally]) => total + of(tally), 0);
    const [tried, read, explained] = [sum((of) => of.tried), sum((of) => of.read), sum((of) => of.explained)];
    const bySource = all.map(([kind, of]) => `${kind} ${of.tried}`).join(", ");
    process.stdout.write(`mutated deliveries: ${tried} tried, ${read} read, ${explained} explained (${bySource})\n`);
    expect(tried).toBeGreaterThan(2_000);
    expect(Math.min(read, explained)).toBeGreaterThan(tried / 20);
    expect([...tallies.keys()]).toEqual(expect.arrayContaining([...KINDS]));
    for (const [, { read, explained }] of all) expect(Math.max(read, explained)).toBeGreaterThan(0);
  });
});

describe("the function", () => {
  let s3: S3Server;
  let intake: TestIntake;
  beforeAll(async () => {
    [s3, intake] = await Promise.all([startS3(), anIntake()]);
    Object.assign(process.env, s3.environment);
  });
  afterAll(() => Promise.all([s3.stop(), intake.stop()]));

  it("delivers what can be read of a changed delivery, and its books balance with what the intake got", async () => {
    const anyEvent = fc.constantFrom(...Object.values(EVENTS).flat());
    await fc.assert(
      fc.asyncProperty(anyEvent, fc.constantFrom(...CONTENTS), mutation, async (event, content, change) => {
        for (const key of ["a", "b", "c"]) s3.s3.store(BUCKET, key, changedBytes(content, change));
        const before = intake.logs().length;
        const { error, ledger, output } = await forwarderRun(intake, changedEvent(event, change));
        expect(ledger.unaccounted).toBe(0);
        const { offered, delivered } = ledger.destinations["datadog-logs"] ?? { offered: 0, delivered: 0 };
        expect([offered, delivered]).toEqual([ledger.logs, intake.logs().length - before]);
        expect(output + String(error?.message)).not.toContain(SECRET);
      }),
      { numRuns: propertyRuns(60) },
    );
  }, 60_000);
});
