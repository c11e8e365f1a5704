import fc from "fast-check";
import { UnreadableEventError } from "../../src/sources/source.ts";
import { type GivenEvent, jsonOf, partsOf, placeOf, resourceOf, unixMsOf } from "../../src/sources/written-events.ts";
import { decodedEvents } from "../helpers/events.ts";

const RESOURCE = resourceOf("sqs", "123456789012", "eu-west-1");

const anEvent: fc.Arbitrary<GivenEvent> = fc.record({
  id: fc.option(fc.string({ unit: "binary", maxLength: 5 }), { nil: undefined }),
  timestampUnixMs: fc.option(fc.nat(), { nil: undefined }),
  message: fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom('"', "\\", "\ud83d", "}", '},{"id":"', "é".repeat(40_000)),
  ),
  others: fc.option(fc.dictionary(fc.constantFrom("eventSourceARN", "other", "é"), fc.jsonValue(), { maxKeys: 2 }), {
    nil: undefined,
  }),
});

describe("events that came as objects", () => {
  it("are found where they were written, whole, in order and in parts of bounded size", () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 12 }), (given) => {
        const parts = [...partsOf(given, RESOURCE, "123456789012")];
        expect(parts.reduce((sum, { events }) => sum + events, 0)).toBe(given.length);
        const found = parts.flatMap(({ batches }) => decodedEvents(batches));
        const expected = given.map(({ id, timestampUnixMs: timestamp, message, others }) => ({
          id,
          timestamp,
          message,
          ...others,
        }));
        expect(found).toEqual(JSON.parse(JSON.stringify(expected)));
        for (const { batches } of parts.slice(0, -1)) {
          for (const { slice, logEvents } of batches) {
            expect(slice.text.length).toBe(slice.bytes.length);
            expect(logEvents.at(-1)?.start).toBeLessThan(64 * 1024);
          }
        }
      }),
    );
  });

  it("are of the account and resource that was told", () => {
    const [part] = [...partsOf([{ id: "1", timestampUnixMs: 1, message: "m" }], RESOURCE, "123456789012")];
    expect(part?.batches).toMatchObject([{ owner: "123456789012", logGroup: "", logStream: "", resource: RESOURCE }]);
  });

  it("are explained when they nest deeper than any stack", () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    expect(() => jsonOf(deep)).toThrow(UnreadableEventError);
    expect(() => jsonOf(deep)).toThrow("the event is nested too deeply");
  });
});

describe("a place", () => {
  it.each<[unknown, ReturnType<typeof placeOf>]>([
    ["arn:aws:sns:eu-west-1:123456789012:alerts", { region: "eu-west-1", account: "123456789012" }],
    ["arn:aws-cn:sqs:cn-north-1:1:a:b:c", { region: "cn-north-1", account: "1" }],
    ["arn:aws:s3", { region: undefined, account: "" }],
    ["https://sqs", { region: undefined, account: "" }],
    [undefined, { region: undefined, account: "" }],
    [7, { region: undefined, account: "" }],
  ])("of %j is %j", (arn, place) => {
    expect(placeOf(arn)).toEqual(place);
  });
});

describe("a time", () => {
  it.each<[unknown, number | undefined]>([
    ["2026-11-21T01:53:45Z", 1_795_226_025_000],
    ["2026-11-21T01:53:45.858Z", 1_795_226_025_858],
    ["1795226069000", 1_795_226_069_000],
    ["yesterday", undefined],
    ["1900-01-01T00:00:00Z", undefined],
    ["", undefined],
    [1_795_226_069_000, undefined],
    [null, undefined],
  ])("of %j is %j", (text, unixMs) => {
    expect(unixMsOf(text)).toBe(unixMs);
  });
});
