import fc from "fast-check";
import { inTime, logOf, logsIn, retried } from "../../src/destinations/datadog-stored-logs.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const units = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0xd83d, 0xdca5)))
  .map((of) => String.fromCharCode(...of));
const NOW = 1_795_226_069_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const inTimeText = (item: string): string => textOf(inTime(Buffer.from(item), NOW));
const iso = (unixMs: number): string => new Date(unixMs).toISOString();

/** An item as the encoder writes it. */
function anItem(timestamp: unknown, more = ""): string {
  return `{"id":"3","timestamp":${JSON.stringify(timestamp)},"message":"m","ddsource":"lambda"${more}}`;
}

describe("stored logs", () => {
  it("are the items of the body, byte for byte", () => {
    const items = ['{"message":"a,b]"}', ' {"price":1.10,"big":12345678901234567890}\n', '{"a":[{"b":"\\"}"}]}'];
    expect(logsIn(Buffer.from(`[${items.join(",")}]`)).map(textOf)).toEqual(items);
    expect(logsIn(Buffer.from("[]"))).toEqual([]);
  });

  it("can be told apart although one of them is no JSON", () => {
    expect(logsIn(Buffer.from('[{"a":1},{"a":nonsense},{"a":"\\x"}]'))).toHaveLength(3);
  });

  it.each(["", "{}", "[1]", '[{"message":"secret"}', '[{"message":"secret]', '[{"message":"secret"},]', "[{]}"])(
    "cannot be told apart in %p, and the error shows nothing of it",
    (body) => {
      expect(() => logsIn(Buffer.from(body))).toThrow("no JSON array of objects");
      expect(() => logsIn(Buffer.from(body))).not.toThrow("secret");
    },
  );
});

describe("a log that a Datadog Forwarder left behind", () => {
  it("is its text, as it is", () => {
    const text = '{"message":"é 1.10","price":1.10,"price":1}';
    expect(textOf(logOf(text) as Uint8Array)).toBe(text);
  });

  it("may be an object", () => {
    expect(textOf(logOf({ message: "é", aws: {} }) as Uint8Array)).toBe('{"message":"é","aws":{}}');
  });

  it("keeps every character, half surrogate pairs too", () => {
    fc.assert(
      fc.property(units, fc.boolean(), (message, isPlain) => {
        // Python's json.dumps with ensure_ascii=False writes halves as they are.
        const text = isPlain ? `{"message":"${message.replace(/["\\\p{Cc}]/gu, "")}"}` : JSON.stringify({ message });
        expect(JSON.parse(textOf(logOf(text) as Uint8Array))).toEqual(JSON.parse(text));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it.each([null, 7, true, [], "", "x", "null", "[{}]", '{"message":', '"{}"'])("is not %j", (element) => {
    expect(logOf(element)).toBeUndefined();
  });
});

describe("the time of a stored log", () => {
  it("stays while the intake takes it, with ten minutes to spare", () => {
    for (const timestamp of [NOW, NOW + HOUR, NOW - 18 * HOUR + 10 * MINUTE]) {
      const item = Buffer.from(anItem(timestamp));
      expect(inTime(item, NOW)).toBe(item);
    }
  });

  it("becomes now when it is older, and the item says the time it had", () => {
    const old = NOW - 18 * HOUR + 10 * MINUTE - 1;
    expect(inTimeText(anItem(old))).toBe(
      `{"id":"3","timestamp":${NOW},"original_timestamp":${old},"message":"m","ddsource":"lambda"}`,
    );
  });

  it.each([
    ["milliseconds", NOW - 19 * HOUR],
    ["seconds", (NOW - 19 * HOUR) / 1000],
    ["seconds with a fraction", (NOW - 19 * HOUR) / 1000 + 0.25],
    ["milliseconds as text", String(NOW - 19 * HOUR)],
    ["seconds as text", String((NOW - 19 * HOUR) / 1000)],
    ["ISO 8601", iso(NOW - 19 * HOUR)],
    ["ISO 8601 without a zone", iso(NOW - 19 * HOUR).slice(0, -1)],
    [
      "ISO 8601 with a space",
      iso(NOW - 19 * HOUR)
        .slice(0, 19)
        .replace("T", " "),
    ],
    ["ISO 8601 in another zone", iso(NOW - 13 * HOUR).replace("Z", "+06:00")],
    ["ISO 8601 in another zone, without a colon", iso(NOW - 13 * HOUR).replace("Z", "+0600")],
    ["ISO 8601 with nanoseconds", iso(NOW - 19 * HOUR).replace("Z", "000000Z")],
    ["a day", iso(NOW - 48 * HOUR).slice(0, 10)],
    ["the beginning of time", 0],
    ["the first month of time, in milliseconds", 30 * 24 * HOUR],
    ["before the beginning of time", -5],
  ])("is understood in %s, and kept as it was written", (_, timestamp) => {
    expect(JSON.parse(inTimeText(anItem(timestamp)))).toEqual({
      ...JSON.parse(anItem(timestamp)),
      timestamp: NOW,
      original_timestamp: timestamp,
    });
  });

  it.each([
    ["seconds", Math.floor((NOW - HOUR) / 1000)],
    ["milliseconds as text", String(NOW - HOUR)],
    ["ISO 8601", iso(NOW - HOUR)],
    ["ISO 8601 without a zone", iso(NOW - HOUR).slice(0, -1)],
    ["ISO 8601 in another zone", iso(NOW - 19 * HOUR).replace("Z", "-06:00")],
    ["nothing known", "yesterday"],
    ["no date there is", "2026-13-45T99:99:99Z"],
    ["too much text", "2".repeat(10_000)],
    ["null", null],
    ["an object", { seconds: 1 }],
  ])("stays when it is in time or unknown, in %s", (_, timestamp) => {
    const item = Buffer.from(anItem(timestamp));
    expect(inTime(item, NOW)).toBe(item);
  });

  it("stays where there is none", () => {
    for (const text of ['{"message":"\\"timestamp\\":1"}', '{"aws":{"timestamp":1}}', "{}", "no JSON"]) {
      const item = Buffer.from(text);
      expect(inTime(item, NOW)).toBe(item);
    }
  });

  it("keeps the first time an item had, however often it is sent again", () => {
    const once = inTime(Buffer.from(anItem(5)), NOW);
    const twice = inTime(once, NOW + 48 * HOUR);
    expect(JSON.parse(textOf(twice))).toMatchObject({ timestamp: NOW + 48 * HOUR, original_timestamp: 5 });
    expect(inTime(twice, NOW + 48 * HOUR)).toBe(twice);
    expect(inTimeText(anItem(5, ',"original_timestamp":"2020"'))).toBe(anItem(NOW, ',"original_timestamp":"2020"'));
  });

  it("changes nothing else of any item, byte for byte", () => {
    const names = fc.constantFrom("id", "message", "timestamps", "a", "timestamp\\u0000", "1", "__proto__");
    const value = fc.oneof(
      fc.constantFrom("1.10", "12345678901234567890", "1e5", '"\\u00e9"', '"timestamp"', '{"timestamp" : 1}'),
      fc.json(),
    );
    const member = fc.tuple(names, value).map(([name, written]) => `"${name}" :${written}`);
    const members = fc.array(member, { maxLength: 4 });
    const space = fc.constantFrom("", " ", "\n\t");
    const time = fc.oneof(fc.integer({ min: 0, max: NOW - 18 * HOUR }).map(String), fc.constant(`"${iso(5)}"`));
    fc.assert(
      fc.property(members, members, space, space, time, (before, behind, a, b, old) => {
        const join = (written: string): string =>
          `${a}{${[...before, `${a}"timestamp"${b}:${a}${written}`].join(",")}${[b, ...behind].join(",")}${b}}${a}`;
        expect(inTimeText(join(old))).toBe(join(`${NOW},"original_timestamp":${old}`));
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});

describe("a log that is sent again", () => {
  const again = (item: string): string => textOf(retried(Buffer.from(item)));

  it("is tagged so, once", () => {
    const once = ' {"price":1.10,"ddtags":"a:b,c:é,retry:true" ,"host":"h"}\n';
    expect(again(once.replace(",retry:true", ""))).toBe(once);
    expect(again(once)).toBe(once);
    expect(again('{"ddtags":"retry:true,a:b"}')).toBe('{"ddtags":"retry:true,a:b"}');
    expect(again('{"ddtags":""}')).toBe('{"ddtags":"retry:true"}');
  });

  it.each([
    '{"message":"m"}',
    '{"ddtags":["a:b"]}',
    '{"ddtags":null}',
    '{"x":{"ddtags":"a:b"}}',
    '{"ddtags":"a',
    "text",
  ])("is as it was where it has no tags: %s", (item) => {
    expect(again(item)).toBe(item);
  });

  it("has the tags it had, whatever they are, and this one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.jsonValue(), (ddtags, host) => {
        const twice = JSON.parse(again(again(JSON.stringify({ ddtags, host }))));
        const expected = ddtags === "" ? "retry:true" : `${ddtags},retry:true`;
        expect(twice).toEqual(JSON.parse(JSON.stringify({ ddtags: expected, host })));
      }),
    );
  });
});
