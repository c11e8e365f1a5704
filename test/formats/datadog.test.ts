import fc from "fast-check";
import { datadogTraces } from "../../src/formats/datadog.ts";
import { mayBeOf, TraceLines } from "../../src/formats/trace-lines.ts";
import type { Span, Trace } from "../../src/telemetry.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import {
  anEvent,
  aPayload,
  aPayloadSpan,
  escapedLine,
  outlinesOf,
  readPayload,
  readPlainly,
} from "../helpers/payloads.ts";

const TRACE_ID = "6b00f9d500000000414ae78d188f3825";
const LOW = TRACE_ID.slice(16);
const NO_HIGH = `0000000000000000${LOW}`;

/** The cheap look. */
function mayBe(text: string, message: number, messageEnd: number): boolean {
  const isAny = new TraceLines(text, [{ message, messageEnd }]).mayBe(0);
  return isAny && mayBeOf(datadogTraces, text.slice(message, messageEnd));
}

/** What is read of a line; undefined when it is none. The cheap look must never say no to one that is. */
function read(message: string): Trace[] | undefined {
  const line = anEvent(escapedLine(message));
  const payload = readPayload(line);
  if (payload) expect(mayBe(line.slice.text, line.event.message, line.event.messageEnd)).toBe(true);
  const plain = readPlainly(line);
  expect(payload && outlinesOf(payload)).toEqual(plain && outlinesOf(plain));
  return payload?.decode();
}

function spanOf(message: string): Span {
  return read(message)?.[0]?.spans[0] as Span;
}

/** A line around one span whose JSON is given in part, as text, because numbers matter. */
function lineWith(fields: string): string {
  return `{"traces":[[{"trace_id":"${LOW}","span_id":"651c77517ea37a55","parent_id":"0",${fields}}]]}`;
}

/** What may not change: which trace and which spans. */
function identity(traces: Trace[] | undefined): string | undefined {
  return (
    traces && JSON.stringify(traces.map(({ traceId, spans }) => [traceId.slice(16), spans.map((span) => span.spanId)]))
  );
}

describe("trace payload lines of other tracers", () => {
  const [python, go, ruby, java, javaNumbers] = capturedMessages("constructed-from-source/datadog-other-languages.log");

  it.each([
    ["Python", python],
    ["Go", go],
    ["Ruby", ruby],
    ["Java", java],
    ["Java without hexIds", javaNumbers],
  ])("are read as %s spells them, ids and nanoseconds exact", (_, line) => {
    const [trace] = read(line as string) as [Trace];
    expect(trace.traceId).toBe(TRACE_ID);
    expect(trace.spans[0]).toMatchObject({
      spanId: "0150968fc7ada22f",
      parentSpanId: "",
      service: "thinker",
      name: "aws.lambda",
      startTimeUnixNano: 1_795_226_069_831_013_037n,
      durationNano: 67_823_975n,
      error: 0,
    });
    expect(trace.spans[0]?.attributes).toMatchObject({ env: "dev", version: "0.1.0" });
  });

  it.each([
    ["Python", python, "serverless"],
    ["Go", go, ""],
    ["Ruby", ruby, "serverless"],
  ])("keep parent, error and text of the second span of %s", (_, line, type) => {
    const [{ spans }] = read(line as string) as [Trace];
    const [root, child] = spans as [Span, Span];
    expect(root.type).toBe(type);
    expect(child).toMatchObject({ spanId: "736a1abf98822f77", parentSpanId: "0150968fc7ada22f", type: "", error: 1 });
    expect(child.attributes).toMatchObject({ note: "café", "error.type": "builtins.KeyError", subject: "foo_bar" });
    expect(child.attributes["error.stack"]).toContain('File "/var/task/app.py", line 10');
  });

  it("are read with several traces in one line, as Go may write them", () => {
    const line = `{"traces": [[${JSON.stringify(aPayloadSpan({ trace_id: "a" }))}], [${JSON.stringify(aPayloadSpan({ trace_id: "b" }))}]]}`;
    expect(read(line)?.map((trace) => trace.traceId)).toEqual([`${"0".repeat(31)}a`, `${"0".repeat(31)}b`]);
  });

  it("are read with NaN and Infinity, as Python may write them", () => {
    const span = spanOf(
      lineWith('"metrics": {"a": NaN, "b": Infinity, "c":-Infinity, "d": 1.5, "e":NaN}, "start": 1795226069831013037'),
    );
    expect(span.numericAttributes).toEqual({ d: 1.5 });
    expect(span.startTimeUnixNano).toBe(1_795_226_069_831_013_037n);
  });

  it("keep a text that only looks like NaN, beside a real one", () => {
    const meta = { a: ': NaN, "x": NaN}', b: '"metrics": NaN,', c: "NaN", d: '\\": NaN,', e: ":NaN," };
    for (const json of [JSON.stringify(meta), JSON.stringify(meta).replaceAll('":"', '": "')]) {
      const span = spanOf(lineWith(`"meta": ${json}, "metrics": {"a": NaN}`));
      expect(span.attributes).toEqual(meta);
    }
  });

  it("are read with newlines and indentation", () => {
    expect(identity(read(JSON.stringify(JSON.parse(aPayload({})), null, 2)))).toBe(identity(read(aPayload({}))));
    expect(identity(read(` \t${aPayload({})}\n`))).toBe(identity(read(aPayload({}))));
  });

  it("are read with fields left out or null", () => {
    const bare = {
      parentSpanId: "",
      service: "",
      name: "",
      resource: "",
      type: "",
      error: 0,
      attributes: {},
      numericAttributes: {},
    };
    const expected = {
      ...bare,
      spanId: "0000000000000002",
      startTimeUnixNano: 0n,
      durationNano: 0n,
      links: [],
      events: [],
    };
    expect(spanOf('{"traces":[[{"trace_id":"1","span_id":"2"}]]}')).toEqual(expected);
    const nulls = [
      "parent_id",
      "service",
      "name",
      "resource",
      "type",
      "error",
      "meta",
      "metrics",
      "start",
      "duration",
      "span_links",
    ];
    const line = `{"traces":[[{"trace_id":"1","span_id":"2",${nulls.map((key) => `"${key}":null`).join()}}]]}`;
    expect(spanOf(line)).toEqual(expected);
  });
});

describe("ids of a trace payload line", () => {
  it.each([
    ["lower case", `"${LOW}"`, NO_HIGH],
    ["upper case", `"${LOW.toUpperCase()}"`, NO_HIGH],
    ["unpadded", '"1a"', "0000000000000000000000000000001a"],
    ["padded to 32", `"${NO_HIGH}"`, NO_HIGH],
    ["128 bits", `"${TRACE_ID}"`, TRACE_ID],
    ["128 bits, unpadded", `"${TRACE_ID.slice(1)}"`, `0${TRACE_ID.slice(1)}`],
    ["sixteen digits that are all decimal", '"1234567890123456"', "00000000000000001234567890123456"],
    ["a small number", "26", "0000000000000000000000000000001a"],
    ["a number of sixteen digits", "1234567890123456", "0000000000000000000462d53c8abac0"],
    ["a number beyond 2^53", "4704827353930348581", NO_HIGH],
    ["the largest number", "18446744073709551615", "0000000000000000ffffffffffffffff"],
    ["a signed number", "-1", "0000000000000000ffffffffffffffff"],
    ["the smallest signed number", "-9223372036854775808", "00000000000000008000000000000000"],
  ])("are exact when written in %s", (_, spelled, expected) => {
    for (const colon of [":", ": ", " : "]) {
      const line = `{"traces"${colon}[[{"trace_id"${colon}${spelled},"span_id"${colon}${spelled}}]]}`;
      expect(read(line)?.[0]?.traceId).toBe(expected);
      expect(spanOf(line).spanId).toBe(expected.slice(16));
    }
  });

  it("survive any spelling", () => {
    const uint64 = fc.bigInt(1n, 2n ** 64n - 1n);
    fc.assert(
      fc.property(uint64, uint64, uint64, (trace, span, parent) => {
        const hex = (id: bigint): string => id.toString(16);
        const texts = `"trace_id":"${hex(trace)}","span_id": "${hex(span).toUpperCase()}","parent_id":"${hex(parent).padStart(16, "0")}"`;
        const numbers = `"trace_id":${trace},"span_id": ${span}, "parent_id" : ${parent}`;
        for (const ids of [texts, numbers]) {
          const [found] = read(`{"traces":[[{${ids}}]]}`) as [Trace];
          expect(found.traceId).toBe(hex(trace).padStart(32, "0"));
          expect(found.spans[0]?.spanId).toBe(hex(span).padStart(16, "0"));
          expect(found.spans[0]?.parentSpanId).toBe(hex(parent).padStart(16, "0"));
        }
      }),
    );
  });

  it.each(["0000000000000000", "0", "00000000000000000000000000000000"])(
    "have no parent where it is %s",
    (parent_id) => {
      expect(spanOf(aPayload({ parent_id })).parentSpanId).toBe("");
    },
  );

  it("get the high half that one span tells", () => {
    const first = { span_id: "1", meta: { "_dd.p.tid": "6b00f9d500000000" } };
    expect(read(aPayload(first, { span_id: "2" }))?.[0]?.traceId).toBe(TRACE_ID);
    expect(read(aPayload({ span_id: "2" }, first))?.[0]?.traceId).toBe(TRACE_ID);
    expect(read(aPayload({ meta: { "_dd.p.tid": "6B00F9D500000000" } }))?.[0]?.traceId).toBe(TRACE_ID);
  });

  it("get no high half twice", () => {
    expect(read(aPayload({ trace_id: TRACE_ID, meta: { "_dd.p.tid": "6b00f9d500000000" } }))?.[0]?.traceId).toBe(
      TRACE_ID,
    );
    expect(read(aPayload({ trace_id: TRACE_ID, meta: { "_dd.p.tid": "ffffffffffffffff" } }))?.[0]?.traceId).toBe(
      TRACE_ID,
    );
  });

  it.each(["", "0", "xyz", "6b00f9d5000000000", "0x6b00f9d50000000"])("get no high half from %j", (tid) => {
    expect(read(aPayload({ meta: { "_dd.p.tid": tid } }))?.[0]?.traceId).toBe(NO_HIGH);
  });
});

describe("times of a trace payload line", () => {
  it.each([
    ["1795226069831013037", 1_795_226_069_831_013_037n],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-1795226069831013037", -1_795_226_069_831_013_037n],
    ["0", 0n],
    ["12.6", 13n],
    ["1.5e9", 1_500_000_000n],
    ["null", 0n],
  ])("are exact nanoseconds: %s", (written, nano) => {
    const span = spanOf(lineWith(`"start":${written},"duration": ${written}`));
    expect([span.startTimeUnixNano, span.durationNano]).toEqual([nano, nano]);
  });

  it("of span events are exact, in nanoseconds or in dd-trace-js's milliseconds", () => {
    const times = [
      '"time_unix_nano":1795226069831013037',
      '"startTime":1795226025822',
      '"startTime":1795226025822.25',
      '"startTime":null',
    ];
    const span = spanOf(lineWith(`"span_events":[${times.map((time) => `{"name":"e",${time}}`)}]`));
    expect(span.events.map((event) => event.timeUnixNano)).toEqual([
      1_795_226_069_831_013_037n,
      1_795_226_025_822_000_000n,
      1_795_226_025_822_250_000n,
      0n,
    ]);
  });
});

describe("attributes of a trace payload line", () => {
  it("keep texts, and make texts of what is none", () => {
    const meta = { a: "x", b: 1, c: true, d: { e: [1, null] }, f: null, g: "" };
    expect(spanOf(aPayload({ meta })).attributes).toEqual({ a: "x", b: "1", c: "true", d: '{"e":[1,null]}', g: "" });
  });

  it("keep any text, and any number", () => {
    const texts = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), {
      noNullPrototype: true,
    });
    const numbers = fc.dictionary(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(texts, numbers, (meta, metrics) => {
        const span = spanOf(aPayload({ meta, metrics }));
        const json = JSON.parse(JSON.stringify({ meta, metrics })) as { meta: unknown; metrics: unknown };
        expect([span.attributes, span.numericAttributes]).toEqual([json.meta, json.metrics]);
      }),
    );
  });

  it.each([
    "int:42",
    "int:",
    "\\u00005",
    "1795226069831013037",
    '"start":1795226069831013037,',
    '{"trace_id":12345678901234567890}',
  ])("keep a text that looks like a marked or a large number: %s", (note) => {
    expect(spanOf(aPayload({ meta: { note, start: note } })).attributes).toEqual({ note, start: note });
  });

  it("keep large numbers under the names of ids and times", () => {
    const span = spanOf(
      lineWith(
        '"meta":{"start":1795226069831013037,"deep":{"duration":1795226069831013037}},"metrics":{"duration":1795226069831013037},' +
          '"span_events":[{"name":"e","attributes":{"duration":1795226069831013037,"start":5}}]',
      ),
    );
    expect(span.attributes).toEqual({ start: "1795226069831013037", deep: '{"duration":1795226069831013000}' });
    expect(span.numericAttributes).toEqual({ duration: 1_795_226_069_831_013_000 });
    expect(span.events[0]?.attributes).toEqual({ duration: 1_795_226_069_831_013_000, start: 5 });
  });

  it("keep what dd-trace-js writes of URLs and buffers among the numbers", () => {
    const span = spanOf(
      aPayload({ meta: { a: "x" }, metrics: { url: "https://example.com/", a: "y", n: 1, gone: null } }),
    );
    expect(span.attributes).toEqual({ a: "x", url: "https://example.com/" });
    expect(span.numericAttributes).toEqual({ n: 1 });
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("keep one named %s, harmlessly", (key) => {
    const span = spanOf(
      lineWith(
        `"meta":{"${key}":"kept"},"metrics":{"${key}":1},"span_events":[{"name":"e","attributes":{"${key}":"kept"}}],"${key}":{"name":"x"}`,
      ),
    );
    expect(Object.entries(span.attributes)).toEqual([[key, "kept"]]);
    expect(Object.entries(span.numericAttributes)).toEqual([[key, 1]]);
    expect(Object.entries(span.events[0]?.attributes ?? {})).toEqual([[key, "kept"]]);
    expect(span.name).toBe("");
    expect({}).not.toHaveProperty("name");
  });

  it("keep span links", () => {
    const link = {
      trace_id: LOW,
      trace_id_high: "6b00f9d500000000",
      span_id: "2",
      attributes: { a: 1 },
      tracestate: "dd=s:1",
      flags: 1,
    };
    expect(spanOf(aPayload({ span_links: [link, { trace_id: "0", span_id: "1" }, "x", null] })).links).toEqual([
      { traceId: TRACE_ID, spanId: "0000000000000002", attributes: { a: "1" }, traceState: "dd=s:1", flags: 1 },
    ]);
    const high = BigInt(`0x${TRACE_ID.slice(0, 16)}`);
    const numbers = `"span_links":[{"trace_id":4704827353930348581,"trace_id_high":${high},"span_id":18446744073709551615}]`;
    expect(spanOf(lineWith(numbers)).links).toMatchObject([{ traceId: TRACE_ID, spanId: "f".repeat(16) }]);
  });

  it("keep the values of span events that have a type of OpenTelemetry's", () => {
    const attributes = {
      text: "x",
      number: 1.5,
      yes: true,
      list: ["a", 1],
      deep: { a: 1 },
      nothing: null,
      lists: [[1]],
    };
    expect(
      spanOf(aPayload({ span_events: [{ name: "e", attributes }, { name: 5 }, 7, null, { name: "bare" }] })).events,
    ).toEqual([
      { timeUnixNano: 0n, name: "e", attributes: { text: "x", number: 1.5, yes: true, list: ["a", 1] } },
      { timeUnixNano: 0n, name: "bare", attributes: {} },
    ]);
  });
});

describe("the cheap look", () => {
  const look = (line: string): boolean => {
    const { event, slice } = anEvent(escapedLine(line));
    return mayBe(slice.text, event.message, event.messageEnd);
  };

  it.each([
    aPayload({}),
    ` \t${aPayload({})}`,
    `\n${aPayload({})}`,
    '{"a":"traces","b":"\\"traces\\"","traces":[]}',
    '{"xtraces":1,"traces":[]}',
    '{"a":{"traces":[1]}}',
  ])("says yes to %j", (line) => expect(look(line)).toBe(true));

  it.each([
    "",
    "{}",
    "traces",
    '["traces"]',
    `x${aPayload({})}`,
    '{"xtraces":1}',
    '{"tracesx":[1]}',
    '{"a":["traces',
    '{"traces":1}',
  ])("says no to %j", (line) => expect(look(line)).toBe(false));

  it("does not look into the next event", () => {
    const text = `{} ${escapedLine(aPayload({}))}`;
    expect(mayBe(text, 0, 2)).toBe(false);
    expect(mayBe(text, 3, text.length)).toBe(true);
  });
});

describe("a line that only looks like a trace payload", () => {
  it.each([
    "",
    "{}",
    "[]",
    "null",
    '"traces"',
    '{"traces":[[',
    '{"traces":null}',
    '{"traces":{}}',
    '{"traces":[]}',
    '{"traces":[[]]}',
    '{"traces":[{}]}',
    '{"traces":[[null]]}',
    '{"traces":[[7]]}',
    '{"traces":[[[]]]}',
    '{"traces":[[{}]]}',
    '{"traces":[[{"trace_id":"1"}]]}',
    '{"traces":[[{"span_id":"1"}]]}',
    '{"traces":[[{"trace_id":"1","span_id":"1"}],[]]}',
    '{"traces":[[{"trace_id":"1","span_id":"1"},{}]]}',
    '{"traces":[[{"trace_id":"1","span_id":"1"}],[{"trace_id":"1"}]]}',
    '{"traces":[[{"trace_id":"1","span_id":"1"},{"trace_id":"2","span_id":"2"}]]}',
    '[{"traces":[[{"trace_id":"1","span_id":"1"}]]}]',
    '{"message":{"traces":[[{"trace_id":"1","span_id":"1"}]]}}',
    '{"message":"{\\"traces\\":[[{\\"trace_id\\":\\"1\\",\\"span_id\\":\\"1\\"}]]}"}',
    'traces: {"traces":[[{"trace_id":"1","span_id":"1"}]]}',
    '{"traces":[[{"trace_id":"1","span_id":"1"}]]} and more',
    "{'traces':[[{'trace_id':'1','span_id':'1'}]]}",
  ])("is a log: %s", (line) => expect(read(line)).toBeUndefined());

  it.each<[string, string[]]>([
    [
      "trace_id",
      [
        "null",
        "true",
        "{}",
        "[]",
        '""',
        '"0"',
        '"xyz"',
        "0",
        "1.5",
        "18446744073709551616",
        "-9223372036854775809",
        `"${"1".repeat(33)}"`,
      ],
    ],
    [
      "span_id",
      [
        "null",
        "true",
        "{}",
        "[]",
        '""',
        '"0"',
        '"int:5"',
        '"int:x"',
        "0",
        "1e300",
        "123456789012345678901",
        '"\\u0000x"',
      ],
    ],
    ["parent_id", ["true", "{}", "[]", '""', '"xyz"', "1.5", "1e300", "99999999999999999999"]],
    ["service", ["7", "true", "{}", "[]"]],
    ["name", ["7", "true", "{}", "[]"]],
    ["resource", ["7", "true", "{}", "[]"]],
    ["type", ["7", "true", "{}", "[]"]],
    ["error", ['"1"', "{}", "[]", "1.5", "1e300"]],
    ["meta", ["7", "true", '"x"', "[]", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`]],
    ["metrics", ["7", "true", '"x"', "[]", '{"a":true}', '{"a":{}}', '{"a":[]}', '{"a":1e400}']],
    ["start", ['"1795226069831013037"', '"int:x"', "true", "{}", "[]", "1e400", "1e30", "9223372036854775808"]],
    ["duration", ['"1"', "true", "{}", "[]", "1e400", "-1e30", "99999999999999999999"]],
  ])("is a log when %s has a type or size it cannot have", (field, values) => {
    for (const value of values) {
      const span = JSON.stringify(aPayloadSpan({ [field]: undefined })).slice(0, -1);
      expect([value.slice(0, 50), read(`{"traces":[[${span},"${field}":${value}}]]}`)]).toEqual([
        value.slice(0, 50),
        undefined,
      ]);
    }
  });

  it("is a trace payload in spite of links and events that are not whole", () => {
    const odd = [
      "7",
      '"x"',
      "{}",
      "[7]",
      "[null]",
      '[{"startTime":1e400,"name":"e"}]',
      '[{"time_unix_nano":"x","name":"e","flags":1e300}]',
    ];
    for (const value of odd) {
      const span = spanOf(lineWith(`"span_links":${value},"span_events":${value}`));
      expect([span.links, span.events]).toEqual([[], []]);
    }
  });
});

describe("a damaged trace payload line", () => {
  const lines = [
    ...capturedMessages("constructed-from-source/datadog-other-languages.log"),
    capturedMessages("dd-trace-js/thinker-microservice.lambda-events.jsonl").at(-1) as string,
  ];
  const aLine = fc.constantFrom(...lines);
  const fragments = ["", '"', "\\", "{", "}", "[", "]", ",", ":", "0", "9", "x", " ", "null", "1e400", "\0"];

  it("is a log wherever it is cut", () => {
    fc.assert(
      fc.property(aLine, fc.nat(), (line, at) => expect(read(line.slice(0, at % line.length))).toBeUndefined()),
      { numRuns: 300 },
    );
  });

  it("has the same trace and spans, or is a log, whatever else in it changes", () => {
    const change = fc.record({ at: fc.nat(), cut: fc.nat(6), to: fc.constantFrom(...fragments) });
    fc.assert(
      fc.property(aLine, change, (line, { at: anywhere, cut, to }) => {
        const at = anywhere % line.length;
        const ids = [...line.matchAll(/"(?:trace_id|span_id)": ?"?[0-9A-Fa-f]+"?/g)];
        fc.pre(!ids.some(({ index, 0: id }) => at + cut >= index && at <= index + id.length));
        // Without `},{` two spans are one, whose keys come twice: nothing in it tells.
        fc.pre(!/\}.*\{/.test(line.slice(at, at + cut)));
        const found = identity(read(line.slice(0, at) + to + line.slice(at + cut)));
        if (found !== undefined) expect(found).toBe(identity(read(line)));
      }),
      { numRuns: 1500 },
    );
  });

  it("keeps its other spans, or is a log, whichever value has another type", () => {
    const values = [null, true, 0, -1, 1.5, 2 ** 60, "", "x", "int:x", [], {}, [[]], [{}], { a: [] }];
    for (const line of lines) {
      const paths = pathsOf(JSON.parse(line.replace(/:(\d{16,})/g, ':"$1"')));
      const swap = fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...values));
      fc.assert(
        fc.property(swap, ([path, value]) => {
          const payload = JSON.parse(line) as object;
          replace(payload, path, value);
          const found = read(JSON.stringify(payload));
          if (found) expect(found[0]?.spans).toHaveLength((payload as { traces: [unknown[]] }).traces[0].length);
        }),
        { numRuns: 150 },
      );
    }
  });
});

function replace(root: object, path: string[], value: unknown): void {
  let node = root as Record<string, object>;
  for (const key of path.slice(0, -1)) node = node[key] as Record<string, object>;
  Object.assign(node, { [path.at(-1) as string]: value });
}

/** The way to every value inside. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
  return path.length > 0 ? [path, ...inside] : inside;
}
