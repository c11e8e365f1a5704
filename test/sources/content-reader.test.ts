import fc from "fast-check";
import { contentStateIn } from "../../src/sources/content-reader.ts";
import { contentOf, inPieces, messagesIn } from "../helpers/contents.ts";
import { A_STREAM, anEnvelope } from "../helpers/deliveries.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const MEGABYTE = 1024 * 1024;
const PRETTY = JSON.stringify({ a: 1, list: [{ b: "{" }, { c: "}" }], text: 'quoted \\" brace {' }, null, 2);
const CLOUDFRONT_DEFAULT =
  "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields";
const CLOUDTRAIL = [
  { eventVersion: "1.08", eventName: "AssumeRole" },
  { eventVersion: "1.08", n: 1.5 },
];

describe("a content", () => {
  it.each<[string, string, string[]]>([
    ["lines", "one\ntwo\r\n\n  three, indented\n", ["one", "two", "  three, indented"]],
    ["a line without an end", "one\ntwo", ["one", "two"]],
    ["nothing", "", []],
    ["blanks", " \n\t\n", []],
    ["a byte order mark", "\ufeffone\n", ["one"]],
    ["lines of JSON", '{"a":1}\n{"b":1.10}\n', ['{"a":1}', '{"b":1.10}']],
    ["objects that are glued together", '{"a":1}{"b":{"c":"}"}}{"d":[]}', ['{"a":1}', '{"b":{"c":"}"}}', '{"d":[]}']],
    ["objects with commas between", '{"a":1},\n{"b":2},{"c":3}\n', ['{"a":1}', '{"b":2}', '{"c":3}']],
    ["objects of several lines", `${PRETTY}\n${PRETTY}`, [PRETTY, PRETTY]],
    ["a list", '[{"a":1}, {"b":"]"},\n 7, "text", null, [1]]', ['{"a":1}', '{"b":"]"}', "7", '"text"', "null", "[1]"]],
    ["an empty list in brackets of a log", "[]\n[INFO] up\n", ["[]", "[INFO] up"]],
    ["logs in brackets", "[2026-11-21] {up}\n[x]", ["[2026-11-21] {up}", "[x]"]],
    [
      "records of CloudTrail",
      JSON.stringify({ Records: CLOUDTRAIL }),
      CLOUDTRAIL.map((record) => JSON.stringify(record)),
    ],
    [
      "items of AWS Config, with members around them",
      '{"fileVersion":"1.0","configurationItems": [{"a":1},{"b":2}],"configSnapshotId":"x"}\nbehind',
      ['{"a":1}', '{"b":2}', "behind"],
    ],
    ["JSON with text behind it", '{"a":1} in 5 ms\nnext', ['{"a":1} in 5 ms', "next"]],
    ["what is no JSON in braces", "{a} b\n{ not: json }\n{}", ["{a} b", "{ not: json }", "{}"]],
    ["a cut line between whole ones", '{"a":1}\n{"b":"cu\n{"c":3}\n', ['{"a":1}', '{"b":"cu', '{"c":3}']],
    ["a line cut outside a text", '{"a":1}\n{"b":[1,\n{"c":3}\nend', ['{"a":1}', '{"b":[1,', '{"c":3}', "end"]],
    ["JSON that never ends", '{"a":{"b":1}\nnext\n', ['{"a":{"b":1}', "next"]],
    ["a list that never ends", '[{"a":1},{"b":2\n', ['{"a":1}', '{"b":2']],
    ["a list that is damaged", '[{"a":1},{"b":"x\ny"},\n{"c":3}]\nz', ['{"a":1}', '{"b":"x', 'y"},', '{"c":3}]', "z"]],
  ])("of %s", (_, content, messages) => {
    expect(messagesIn(content)).toEqual(messages);
  });

  it("without valid UTF-8 has the usual mark in its place", () => {
    expect(messagesIn(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0x63]))).toEqual(["a\ufffdb", "c"]);
  });

  it("of CloudWatch Logs, one delivery after the other, keeps group, stream, ids and times", () => {
    const content = `${anEnvelope(["a", "b"])}${anEnvelope(["c"])}\n${anEnvelope(["d"])}`;
    const { events } = contentOf([Buffer.from(content)]);
    expect(events.map(({ message }) => message)).toEqual(["a", "b", "c", "d"]);
    expect(events[0]).toEqual({ id: "0".padStart(56, "3"), timestamp: 1_795_226_069_000, message: "a" });
  });

  it("with a damaged delivery of CloudWatch Logs is read around it, and then explained", () => {
    const damaged = anEnvelope(["lost"]).replace('"timestamp":1', '"timestamp":x');
    const { events, error } = contentOf([Buffer.from(anEnvelope(["a"]) + damaged + anEnvelope(["b"]))]);
    expect(events.map(({ message }) => message)).toEqual(["a", "b"]);
    expect(error).toBe(`the delivery is not JSON (log group /aws/lambda/thinker-microservice, log stream ${A_STREAM})`);
  });

  it("has headers, which are no events, and names the fields of flow logs that are in no usual order", () => {
    const flow = contentOf([Buffer.from("version srcaddr dstaddr action\n2 10.0.0.1 10.0.0.2 ACCEPT\n2 x\n")]);
    expect(flow).toMatchObject({ dropped: 1 });
    expect(flow.events).toEqual([
      {
        message: "2 10.0.0.1 10.0.0.2 ACCEPT",
        flow: { version: "2", srcaddr: "10.0.0.1", dstaddr: "10.0.0.2", action: "ACCEPT" },
      },
      { message: "2 x" },
    ]);
    const usual =
      "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
    expect(contentOf([Buffer.from(`${usual}\n2 1 eni`)])).toMatchObject({
      dropped: 1,
      events: [{ message: "2 1 eni" }],
    });
    const cloudFront = contentOf([
      Buffer.from("#Version: 1.0\n#Fields: date time\n2026-11-21\t01:00:00\n#Version: 1.0\n"),
    ]);
    expect(cloudFront).toMatchObject({ dropped: 2, events: [{ message: "2026-11-21\t01:00:00" }, {}] });
  });

  describe("of CloudFront", () => {
    const FIELDS = "date time c-ip cs(User-Agent) x-edge-result-type asn";
    const chosen = { date: "2026-11-21", time: "02:00:00", "c-ip": "192.0.2.1", "cs(User-Agent)": "a,%20b;" };
    const values = [...Object.values(chosen), "Hit", "-"];
    const cloudfront = { ...chosen, "x-edge-result-type": "Hit", asn: "-" };

    it.each([["\t"], [" "], ["|"]])("names the fields that were chosen, with %j between", (separator) => {
      const line = values.join(separator);
      const { events, dropped } = contentOf([Buffer.from(`#Version: 1.0\n#Fields: ${FIELDS}\n${line}\nx\n`)]);
      expect(events).toEqual([{ message: line, cloudfront }, { message: "x" }]);
      expect(dropped).toBe(2);
    });

    it.each([
      ["in the order that everybody knows", `#Fields: ${CLOUDFRONT_DEFAULT}`],
      ["of another program", `#Software: Microsoft Internet Information Services 10.0\n#Fields: ${FIELDS}`],
      ["of another program, told behind them", `#Fields: ${FIELDS}\n#Software: x`],
      ["with names of no CloudFront", "#Fields: date time c-ip cs(User-Agent) s-port asn"],
      ["without any", "#Fields:"],
    ])("names none %s", (_, header) => {
      const { events } = contentOf([Buffer.from(`${header}\n${values.join("\t")}`)]);
      expect(events).toEqual([{ message: values.join("\t") }]);
    });

    it("names them also where another reader goes on", () => {
      const bytes = Buffer.from(`#Fields: ${FIELDS}\n${`${values.join("\t")}\n`.repeat(3_000)}`);
      const place = contentOf(inPieces(bytes, [10_000])).places[0] as { byte: number; line: number; state: object };
      const state = contentStateIn(JSON.parse(JSON.stringify(place.state)));
      const { events } = contentOf([bytes.subarray(place.byte)], { resumed: { ...place, state } });
      expect(events).toHaveLength(3_000 - place.line);
      expect(events.every(({ cloudfront: named }) => (named as typeof cloudfront)["c-ip"] === "192.0.2.1")).toBe(true);
    });
  });

  it.each<[object]>([
    [{}],
    [{ mode: "long", columns: 7 }],
    [{ mode: {}, isInObject: 1, columns: { member: "x", names: [] } }],
    [{ columns: { member: "flow", names: "abc" } }],
  ])("is gone on with between events where the place says nothing of use: %j", (noted) => {
    expect(contentStateIn(noted)).toEqual({ mode: "top", isInObject: false, columns: undefined });
  });

  describe("with a pattern for the beginnings of events", () => {
    const beginsEvent = (line: string): boolean => /^\d{4}-/.test(line);

    it("that its first line has is read in events of several lines", () => {
      const content = "2026-1 a\n  at b\n\n  at c\n2026-2 d\r\n{\n}\n2026-3";
      expect(messagesIn(content, { beginsEvent })).toEqual([
        "2026-1 a\n  at b\n\n  at c",
        "2026-2 d\r\n{\n}",
        "2026-3",
      ]);
    });

    it("that its first line does not have is read line by line", () => {
      expect(messagesIn("a\n2026-1\nb", { beginsEvent })).toEqual(["a", "2026-1", "b"]);
    });
  });

  it.each([
    ["a line", "x", ""],
    ["JSON", '{"a":"', '"}'],
  ])("with %s of 50 MB keeps its neighbours, and says how long it was", (_, front, end) => {
    const filler = Buffer.alloc(MEGABYTE, "\u00e9");
    const pieces = [Buffer.from(`before\n${front}`), ...Array(50).fill(filler), Buffer.from(`${end}\nbehind\n`)];
    const { events } = contentOf(pieces);
    expect(events.map(({ message }) => message.slice(0, 6))).toEqual([
      "before",
      (front + "\u00e9".repeat(6)).slice(0, 6),
      "behind",
    ]);
    const [, long] = events as [unknown, { message: string; truncated: number }];
    expect(long.truncated).toBe(50 * MEGABYTE + front.length + end.length);
    expect(long.message).toMatch(/é\.\.\.TRUNCATED\.\.\.$/);
    expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThan(999_000);
  });

  it("with an element of a list that is too long keeps the others", () => {
    const content = `[{"a":1},{"b":"${"x".repeat(3 * MEGABYTE)}"},{"c":3}]`;
    const { events } = contentOf(inPieces(Buffer.from(content), [100_000]));
    expect(events).toMatchObject([{ message: '{"a":1}' }, { truncated: 3 * MEGABYTE + 8 }, { message: '{"c":3}' }]);
  });

  const anyContent = fc.array(
    fc.oneof(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        '"',
        "\\",
        "\n",
        "\r\n",
        " ",
        ",",
        ":",
        "a",
        "2026-",
        "\u00e9",
        '{"a":1}',
        "[{}",
      ),
      fc.json().map((json) => `${json}\n`),
      fc.constantFrom('{"Records":[', anEnvelope(["x"]), "version srcaddr dstaddr action\n", '{"k":"v"'),
      fc.integer({ min: 1, max: 6_000 }).map((length) => "y".repeat(length)),
    ),
    { maxLength: 30 },
  );
  const wholeOf = ({ events, error }: ReturnType<typeof contentOf>) => ({ events, error });

  it("is the same in pieces of any size", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 });
    const beginsEvent = fc.option(
      fc.constant((line: string) => line.startsWith("2026-")),
      { nil: undefined },
    );
    fc.assert(
      fc.property(anyContent, sizes, beginsEvent, (parts, sizes, beginsEvent) => {
        const bytes = Buffer.from(parts.join(""));
        const { events, error } = contentOf(inPieces(bytes, sizes), { beginsEvent });
        expect({ events, error }).toEqual(wholeOf(contentOf([bytes], { beginsEvent })));
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it("loses no line and repeats none where another reader goes on", () => {
    const line = fc.oneof(fc.string({ unit: "grapheme", maxLength: 200 }), fc.json());
    const wrap = fc.constantFrom<(lines: string[]) => string>(
      (lines) => lines.join("\n"),
      (lines) => JSON.stringify({ Records: lines.map((text) => ({ text })) }),
      (lines) => JSON.stringify(lines.map((text) => ({ text }))),
      (lines) => `2026-\n${lines.map((text) => `2026-${text}`).join("\n")}`,
    );
    const beginsEvent = (text: string): boolean => text.startsWith("2026-");
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), wrap, fc.nat(100), (some, wrap, at) => {
        const lines = Array.from(
          { length: 2_000 },
          (_, index) => `${index} ${some[index % some.length]} ${"z".repeat(50)}`,
        );
        const bytes = Buffer.from(wrap(lines));
        const whole = contentOf(inPieces(bytes, [10_000]), { beginsEvent });
        expect(whole.places.length).toBeGreaterThan(1);
        const place = whole.places[at % whole.places.length] as (typeof whole.places)[0];
        const rest = contentOf([bytes.subarray(place.byte)], { beginsEvent, resumed: place });
        expect(rest.events).toEqual(whole.events.slice(place.events));
        expect(place.line).toBe(place.events);
      }),
      { numRuns: propertyRuns(8) },
    );
  });
});
