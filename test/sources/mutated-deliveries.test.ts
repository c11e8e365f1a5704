import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { closeLedger, openLedger } from "../../src/delivery/ledger.ts";
import { readTelemetry } from "../../src/pipeline.ts";
import type { Reach } from "../../src/sources/source.ts";
import { aDelivery, anEnvelope } from "../helpers/deliveries.ts";
import { sampleEvent } from "../helpers/items.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { eventBridgeEvent, s3Event, snsEvent, sqsEvent } from "../helpers/s3-notices.ts";
import { aggregated, firehoseEvent, kafkaEvent, kinesisEvent, packed } from "../helpers/streams.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

const SECRET = "hunter2";
const CONTENTS = [
  Buffer.from(`one ${SECRET}\n{"a":"${SECRET}"}\n{"b":[1,2,{"c":"d"}]}{"e":1}\n`),
  gzipSync(JSON.stringify({ Records: [{ eventVersion: "1.08", secret: SECRET }, { n: 1 }] })),
  gzipSync(gzipSync(anEnvelope([SECRET, aPayload({})]) + anEnvelope(["b"]))),
  Buffer.concat([gzipSync("version srcaddr dstaddr action\n"), gzipSync("2 10.0.0.1 10.0.0.2 ACCEPT\n")]),
];
const EVENTS: object[] = [
  aDelivery([SECRET, aPayload({})]),
  kinesisEvent(packed(SECRET), aggregated(packed("a"), packed("b")), ...CONTENTS),
  kafkaEvent(packed(SECRET), ...CONTENTS, null),
  firehoseEvent(packed(SECRET), ...CONTENTS),
  s3Event("a", "b"),
  sqsEvent(s3Event("a"), "text", snsEvent(s3Event("b")), eventBridgeEvent("c")),
  snsEvent(s3Event("a"), { other: 1 }),
  eventBridgeEvent("a"),
  sampleEvent("sqs-messages"),
  sampleEvent("sns-notifications"),
  sampleEvent("eventbridge-guardduty"),
];

/** What is changed: a byte of a content or of a record, or a value anywhere in the event. */
const mutation = fc.record({
  at: fc.nat(),
  byte: fc.nat(255),
  cut: fc.nat(40),
  value: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("H4sI!", "", "__proto__", "s3:TestEvent")),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

let tried = 0;
let explained = 0;
let read = 0;

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
  tried++;
  try {
    const options = { loadReach: async () => reach };
    for await (const { events, dropped, telemetry } of readTelemetry(event, A_FORWARDER, [], options)) {
      ledger.events += events;
      for (const count of Object.values(dropped)) ledger.dropped.any = (ledger.dropped.any ?? 0) + count;
      for (const { logs, tracePayloads, metrics } of telemetry) {
        ledger.logs += logs.length;
        ledger.traceLines += tracePayloads.length;
        ledger.metricLines += metrics.filter(({ isLine }) => isLine).length;
      }
    }
    read++;
  } catch (error) {
    explained++;
    expect((error as Error).name).toBe("UnreadableEventError");
    expect((error as Error).message).not.toContain(SECRET);
  }
  ledger.skipped.here = ledger.logs + ledger.traceLines + ledger.metricLines;
  expect(closeLedger(ledger).unaccounted).toBe(0);
}

async function* pieces(content: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += 100) yield content.subarray(at, at + 100);
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
  it("is read or explained without its content, and its books balance, whatever is changed in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...EVENTS),
        fc.constantFrom(...CONTENTS),
        mutation,
        async (event, content, change) => {
          await readsOrExplains(changedEvent(event, change), content);
          await readsOrExplains(event, changedBytes(content, change));
        },
      ),
      { numRuns: propertyRuns(700) },
    );
  }, 60_000);

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
      { numRuns: propertyRuns(700) },
    );
  }, 60_000);

  afterAll(() => {
    process.stdout.write(`mutated deliveries: ${tried} tried, ${read} read, ${explained} explained\n`);
    expect(tried).toBeGreaterThan(2_000);
    expect(Math.min(read, explained)).toBeGreaterThan(tried / 20);
  });
});
