import fc from "fast-check";
import type { Cut } from "../../src/sources/source.ts";
import { EnvelopeReader } from "../../src/sources/subscription-envelope.ts";
import { A_STREAM, anEnvelope } from "../helpers/deliveries.ts";
import { decodedEvents, eventsIn } from "../helpers/events.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { batchesIn } from "../helpers/telemetry.ts";

/** Pieces of JSON that a search for positions could take for its own landmarks. */
const LANDMARKS = [
  '"',
  "\\",
  '\\"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '",',
  ',"',
  '{"',
  '"}',
  '"}]}',
  "}]}",
  "},{",
  '},{"id":"',
  '","timestamp":',
  '"timestamp":1,',
  ',"message":"',
  '"logEvents":[',
  ',"extractedFields":{',
  '],"policyLevel":"X"}',
  "\n",
  "\t",
  "\r",
  "\0",
  "\u2028",
  "\u007f",
  "é",
  "世",
  "💥",
  "\ud800",
  "\udc00",
  "a",
  "0",
  " ",
]; // prettier-ignore

const anyText = fc.oneof(
  fc.array(fc.constantFrom(...LANDMARKS), { maxLength: 12 }).map((pieces) => pieces.join("")),
  fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.json(),
);
const furtherKeys = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({ extractedFields: fc.dictionary(anyText, fc.option(anyText), { maxKeys: 3 }) }),
  fc.record({ "@aws.account": anyText, "@aws.region": anyText }),
  fc.record({ list: fc.constant([{ a: 1 }, { id: "5", timestamp: 1, message: "z" }]) }),
);
const anEvent = fc
  .tuple(fc.bigInt(0n, 10n ** 56n), fc.nat({ max: 2 ** 31 - 1 }), anyText, furtherKeys)
  .map(([id, time, message, others]) => ({
    id: String(id).padStart(56, "0"),
    timestamp: 1_795_226_069_000 + time,
    message,
    ...others,
  }));
const events = fc.array(anEvent, { maxLength: 4 });

const HEAD = {
  messageType: "DATA_MESSAGE",
  owner: "123456789012",
  logGroup: "/aws/lambda/thinker-microservice",
  logStream: A_STREAM,
  subscriptionFilters: ["forwarder"],
};

type Event = Record<string, unknown>;

/** Every way the same events may be spelled. */
const spellings: [string, (logEvents: Event[]) => string][] = [
  ["as CloudWatch writes it", (logEvents) => JSON.stringify({ ...HEAD, logEvents })],
  [
    "with policyLevel behind",
    (logEvents) => JSON.stringify({ ...HEAD, logEvents, policyLevel: "ACCOUNT_LEVEL_POLICY" }),
  ],
  ["with policyLevel in front", (logEvents) => JSON.stringify({ policyLevel: "LOG_GROUP", ...HEAD, logEvents })],
  ["with a newline at the end", (logEvents) => `${JSON.stringify({ ...HEAD, logEvents })}\n`],
  ["with unknown keys behind", (logEvents) => JSON.stringify({ ...HEAD, logEvents, meta: [{ x: 1, id: "y" }] })],
  [
    "with unknown keys in front",
    (logEvents) => JSON.stringify({ meta: { logEvents: [{ id: "5" }] }, ...HEAD, logEvents }),
  ],
  ["with the keys in another order", (logEvents) => JSON.stringify({ logEvents: logEvents.map(reversed), ...HEAD })],
  ["with some events in another order", (logEvents) => withSomeReversed(logEvents)],
  ["indented", (logEvents) => JSON.stringify({ ...HEAD, logEvents }, null, 2)],
  ["with spaces between events", (logEvents) => spaced(logEvents, ", ")],
  ["with newlines between events", (logEvents) => spaced(logEvents, "\n,\r\n  ")],
  ["in ASCII", (logEvents) => inAscii(JSON.stringify({ ...HEAD, logEvents }))],
  ["with slashes escaped", (logEvents) => JSON.stringify({ ...HEAD, logEvents }).replaceAll("/", "\\/")],
];

function reversed(event: Event): Event {
  return Object.fromEntries(Object.entries(event).reverse());
}

function withSomeReversed(logEvents: Event[]): string {
  return JSON.stringify({ ...HEAD, logEvents: logEvents.map((event, index) => (index % 2 ? reversed(event) : event)) });
}

function spaced(logEvents: Event[], separator: string): string {
  const written = logEvents.map((event) => JSON.stringify(event)).join(separator);
  return `${JSON.stringify(HEAD).slice(0, -1)},"logEvents":[${written}]}`;
}

/** The bytes in pieces of these sizes, over and over. */
function piecesOf(bytes: Buffer, sizes: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += sizes[(pieces.length - 1) % sizes.length] as number) {
    pieces.push(Buffer.from(bytes.subarray(at, at + (sizes[pieces.length % sizes.length] as number))));
  }
  return pieces;
}

function inAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

describe("the envelope of a delivery", () => {
  it.each(spellings)("gives the same events %s", (_, spelled) => {
    fc.assert(
      fc.property(events, (logEvents) => {
        const json = spelled(logEvents);
        expect(eventsIn(json)).toEqual((JSON.parse(json) as { logEvents: Event[] }).logEvents);
      }),
      { numRuns: propertyRuns(150) },
    );
  });

  it.each(spellings)("gives the same events however it comes in pieces and is cut into slices %s", (_, spelled) => {
    const pieces = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 });
    const cuts = fc.array(fc.nat(4), { minLength: 1, maxLength: 5 });
    const manyEvents = fc.array(anEvent, { maxLength: 40 });
    fc.assert(
      fc.property(
        manyEvents,
        pieces,
        cuts,
        fc.integer({ min: 1, max: 2_000 }),
        (logEvents, sizes, kept, sliceBytes) => {
          const bytes = Buffer.from(spelled(logEvents));
          let asked = 0;
          const cut: Cut = (_slice, { length }) => Math.max(0, length - (kept[asked++ % kept.length] as number));
          const reader = new EnvelopeReader(cut, sliceBytes);
          const read: unknown[] = [];
          const given = piecesOf(bytes, sizes);
          for (const [index, piece] of given.entries()) {
            for (const { batches } of reader.read(piece, index === given.length - 1))
              read.push(...decodedEvents(batches));
            // A chunk is the reader's only while it reads it.
            piece.fill(0);
          }
          expect(read).toEqual((JSON.parse(spelled(logEvents)) as { logEvents: Event[] }).logEvents);
        },
      ),
      { numRuns: propertyRuns(75) },
    );
  });

  it("has parts of the size asked for where they may be cut, and larger ones where not", () => {
    const events = anEnvelope(Array.from({ length: 1_000 }, (_, index) => `a line of a log ${index}`));
    const sizes = (cut: Cut): number[] =>
      [...new EnvelopeReader(cut, 4_096).read(Buffer.from(events), true)].flatMap(({ batches }) =>
        batches.map(({ slice }) => slice.bytes.length),
      );
    expect(Math.max(...sizes((_, { length }) => length))).toBeLessThanOrEqual(2 * 4_096);
    expect(sizes(() => 0)).toEqual([events.length]);
  });

  it("goes on with a part that has grown too large to wait for its end", () => {
    const events = anEnvelope(Array.from({ length: 1_000 }, (_, index) => `a line of a log ${index}`));
    const parts = [...new EnvelopeReader(() => 0, 256).read(Buffer.from(events), true)].map((part) => part.events);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.reduce((sum, number) => sum + number, 0)).toBe(1_000);
  });

  it("reads one event that is larger than any slice", () => {
    const messages = ["before", "x".repeat(100_000), "behind"];
    const parts = [...new EnvelopeReader((_, { length }) => length, 256).read(Buffer.from(anEnvelope(messages)), true)];
    expect(parts.flatMap(({ batches }) => decodedEvents(batches)).map(({ message }) => message)).toEqual(messages);
  });

  it.each([
    "ends with a comma,",
    'ends with "quotes",',
    "opens {",
    "},{",
    ",",
    '"',
    "\\",
    '\\",',
    '{"list":[{"a":"b"}]}',
    "",
  ])("keeps a message that is %j", (message) => {
    const extracted = { id: "1", timestamp: 2, message, extractedFields: { a: message } };
    const messages = (json: string): unknown[] => eventsIn(json).map((event) => event.message);
    expect(messages(anEnvelope([message]))).toEqual([message]);
    expect(messages(anEnvelope([message, "between", message]))).toEqual([message, "between", message]);
    expect(eventsIn(JSON.stringify({ ...HEAD, logEvents: [extracted, extracted] }))).toEqual([extracted, extracted]);
  });

  it("keeps numbers and escapes of an event as they were written", () => {
    const event =
      '{"id":"1","timestamp":1795226069000,"message":"\\u00e9 \\/ \\ud800 é","extractedFields":{"n":"1.10"},"n":1.10}';
    const [batch] = batchesIn(Buffer.from(`${JSON.stringify(HEAD).slice(0, -1)},"logEvents":[${event},${event}]}`));
    const written = batch?.logEvents.map(({ start, end }) => batch.slice.text.slice(start, end + 1));
    expect(written).toEqual([event, event].map((text) => Buffer.from(text).toString("latin1")));
  });

  it("is not taken for whole when it ends within a message that looks like its end", () => {
    const json = anEnvelope([JSON.stringify({ list: [{ text: "x" }] })]);
    const cut = json.slice(0, json.indexOf("}]}") + 3);
    expect(cut.endsWith("}]}")).toBe(true);
    expect(() => eventsIn(cut)).toThrow("cut short");
  });

  it.each<[string, unknown, Partial<Event>]>([
    ["no id", { timestamp: 5, message: "m" }, { id: "", timestamp: 5, message: "m" }],
    ["a number for an id", { id: 7, timestamp: 5, message: "m" }, { id: "7", timestamp: 5, message: "m" }],
    [
      "an object for an id",
      { id: { toString: 1 }, timestamp: 5, message: "m" },
      { id: '{"toString":1}', message: "m" },
    ],
    ["no time", { id: "1", message: "m" }, { id: "1", timestamp: 0, message: "m" }],
    ["a text for a time", { id: "1", timestamp: "x", message: "m" }, { id: "1", timestamp: 0, message: "m" }],
    ["no message", { id: "1", timestamp: 5 }, { id: "1", timestamp: 5, message: "" }],
    ["an object for a message", { id: "1", timestamp: 5, message: { a: "b" } }, { message: '{"a":"b"}' }],
    ["only a text", "just text", { id: "", timestamp: 0, message: "just text" }],
    ["null", null, { id: "", timestamp: 0, message: "null" }],
  ])("makes an event of one with %s", (_, event, expected) => {
    const [read, neighbour] = eventsIn(
      JSON.stringify({ ...HEAD, logEvents: [event, { id: "2", timestamp: 3, message: "n" }] }),
    );
    expect(read).toMatchObject(expected);
    expect(neighbour).toEqual({ id: "2", timestamp: 3, message: "n" });
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("keeps a field named %s", (name) => {
    const event = `{"id":"1","timestamp":5,"message":"m","extractedFields":{"${name}":"kept"},"${name}":"kept"}`;
    for (const json of [`{"logEvents":[${event}],`, `{ "logEvents": [${event}],`]) {
      const [read] = eventsIn(json + JSON.stringify(HEAD).slice(1));
      expect(Object.entries(read ?? {}).at(-1)).toEqual([name, "kept"]);
    }
  });

  it("reads a delivery without events", () => {
    expect(eventsIn(anEnvelope([]))).toEqual([]);
  });

  it("takes an account that is no text for unknown", () => {
    const json = JSON.stringify({ ...HEAD, owner: 123456789012, logEvents: [] });
    expect(batchesIn(Buffer.from(json))[0]?.owner).toBe("");
  });
});
