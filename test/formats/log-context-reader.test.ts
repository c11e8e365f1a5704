import fc from "fast-check";
import { readLogContext } from "../../src/formats/log-context.ts";
import { LogContextReader } from "../../src/formats/log-context-reader.ts";
import { LogMembersReader } from "../../src/formats/log-members-reader.ts";
import { messageIn } from "../../src/formats/message.ts";
import type { LogContext, LogEvent, Slice } from "../../src/telemetry.ts";
import { capturedMessages } from "../helpers/deliveries.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { aSlice } from "../helpers/slices.ts";

const numRuns = propertyRuns(1_000);

/** What the complete reader says of a message. */
function completely(slice: Slice, event: LogEvent): LogContext | null {
  return readLogContext(slice.text.slice(event.message, event.messageEnd), () => messageIn(event, slice));
}

function expectSameContexts(messages: string[]): void {
  // Too little stands behind the last line of a slice for it to be read as the others are.
  for (const given of [messages, [...messages, "the last"]]) {
    const { slice, logEvents } = aSlice(given);
    const reader = new LogContextReader(slice);
    const read = logEvents.map(({ message, messageEnd }) => reader.read(message, messageEnd));
    expect(read).toEqual(logEvents.map((event) => completely(slice, event)));
  }
}

// Few values of each kind, so that lines repeat what lines before them said.
const requestId = fc.constantFrom(
  "5c7d7637-d7c3-4384-96ee-476da62d3ad6",
  "5C7D7637-D7C3-4384-96EE-476DA62D3AD6",
  "14ff4e83-8583-4905-92dc-a089e4ee6e6f",
  "undefined",
  "-".repeat(36),
);
const xray = fc.constantFrom("1-6ac7d556-032906e375c910cf42cb849e", "1-6ac7d556-0329", "");
const traceId = fc.constantFrom(
  "6b00f9d500000000414ae78d188f3825",
  "6B00F9D500000000414AE78D188F3825",
  "4704827353930348581",
  "26",
  "0",
  "",
  "xyz",
  "é",
  "0".repeat(32),
  "9".repeat(40),
);
const spanId = fc.constantFrom("7285829489079319125", "651c77517ea37a55", "94741136449315375", "1", "0", "", "x\\\n");
const time = fc.constantFrom(
  "2026-11-21T01:53:45.858Z",
  "2026-11-21T01:53:45Z",
  "2026-11-21T01:53:45.858123Z",
  "2026-11-21 01:53:45.858",
);
const word = fc.constantFrom(
  "hello",
  "order 7 of customer_id 9",
  "a {name} b",
  "}",
  "{",
  'say "dd": {"trace_id":"1"}',
  '{"dd":{"trace_id":"26"}}',
  '{"dd.env":"x"}',
  "a request",
  "Root=1-6ac7d556-032906e375c910cf42cb849e;Sampled=1",
  "XRAY TraceId: 1-6ac7d556-032906e375c910cf42cb849e",
  "[dd.trace_id=26 dd.span_id=1] x",
  "dd.service=thinker",
  "C:\\new\\",
  'tab\tline\nquote"',
  "größe 世 💥",
  "\u001b[31mred",
  "",
);
const anything = fc.oneof(
  word,
  fc.constantFrom<unknown>(null, true, 7, -1.5e-7, [], {}, [1, "a", { b: [] }], { a: { dd: { trace_id: "26" } } }),
);
const names = { service: word, env: fc.constantFrom("dev", ""), version: fc.constantFrom("1.2.3", "7") };
const dd = fc.oneof(
  { weight: 4, arbitrary: fc.record({ trace_id: traceId, span_id: spanId, ...names }, { requiredKeys: ["trace_id"] }) },
  { weight: 1, arbitrary: fc.record({ trace_id: anything, span_id: anything, my_id: anything }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: anything },
);

/** Values for the keys of all loggers and tracers, by key. */
const fields: Record<string, fc.Arbitrary<unknown>> = {
  dd,
  "dd.trace_id": traceId,
  "dd.span_id": spanId,
  "dd.service": word,
  dd_trace_id: traceId,
  dd_env: word,
  trace_id: traceId,
  span_id: spanId,
  traceId,
  spanId,
  otelTraceID: traceId,
  otelSpanID: spanId,
  "trace.id": traceId,
  "transaction.id": spanId,
  trace: fc.record({ id: traceId }),
  span: fc.record({ id: spanId }),
  transaction: anything,
  traceparent: fc.constantFrom("00-6b00f9d500000000414ae78d188f3825-651c77517ea37a55-01", "x"),
  function_request_id: requestId,
  aws_request_id: requestId,
  AWSRequestId: requestId,
  "faas.invocation_id": requestId,
  requestId,
  request_id: fc.oneof(requestId, anything),
  xray_trace_id: xray,
  type: fc.constantFrom("platform.start", "platform.report", "platform.x", "http"),
  record: fc.oneof(fc.record({ requestId }), anything),
  timestamp: time,
  level: fc.constantFrom<unknown>("INFO", 30),
  message: fc.oneof(
    word,
    word.map((text) => JSON.stringify({ dd: { trace_id: "26" }, text })),
    fc.record({ dd }),
    anything,
  ),
  msg: anything,
  time: fc.nat(),
  order_id: word,
  "7": word,
  err: anything,
};

const pairs = fc
  .array(fc.constantFrom(...Object.keys(fields)), { maxLength: 7 })
  .chain((keys) =>
    fc.tuple(...keys.map((key) => (fields[key] as fc.Arbitrary<unknown>).map((value) => [key, value] as const))),
  );

/** JSON lines of any keys, in any order, also twice, with white space between them. */
const anyJson = fc
  .tuple(pairs, fc.constantFrom(":", ": ", " : "), fc.constantFrom(",", ", ", ",\n"))
  .map(([entries, colon, comma]) => {
    const members = entries.map(([name, value]) => `${JSON.stringify(name)}${colon}${JSON.stringify(value)}`);
    return `{${members.join(comma)}}`;
  });

const usualDd = fc.record({
  trace_id: fc.constantFrom("6b00f9d500000000414ae78d188f3825", "4704827353930348581"),
  span_id: fc.constantFrom("7285829489079319125", "94741136449315375", "1"),
  service: fc.constantFrom("thinker", "größe"),
  version: fc.constant("1.2.3"),
  env: fc.constantFrom("dev", "prod"),
});
const sorted = (object: object): object =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
/** JSON lines as pino and winston write them under dd-trace, with a field more now and then. */
const usualJson = fc.oneof(
  fc
    .tuple(usualDd, word, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, pairs))
    .map(([dd, msg, more]) => JSON.stringify({ level: 30, msg, ...Object.fromEntries(more), dd })),
  fc
    .tuple(usualDd, word, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, pairs))
    .map(([dd, message, more]) =>
      JSON.stringify({ dd: sorted(dd), level: "info", message, ...Object.fromEntries(more), timestamp: "t" }),
    ),
  fc
    .tuple(requestId, xray, word)
    .map(([function_request_id, xray_trace_id, message]) =>
      JSON.stringify({ level: "INFO", message, timestamp: "t", function_request_id, xray_trace_id }),
    ),
  fc
    .tuple(requestId, word, fc.constantFrom("", ',"7":"x"'))
    .map(
      ([requestId, message, more]) =>
        `{"timestamp":"t",${JSON.stringify({ level: "INFO", requestId, message }).slice(1, -1)}${more}}`,
    ),
  fc
    .tuple(requestId, fc.constantFrom("platform.start", "platform.report", "http"))
    .map(([requestId, type]) => JSON.stringify({ time: "t", type, record: { requestId } })),
  fc.tuple(traceId, spanId).map(([trace_id, span_id]) => JSON.stringify({ level: 30, trace_id, span_id, msg: "m" })),
);
const plainJson = fc.oneof({ weight: 3, arbitrary: usualJson }, { weight: 2, arbitrary: anyJson });
const json = fc.oneof(
  { weight: 5, arbitrary: plainJson },
  { weight: 1, arbitrary: fc.tuple(plainJson, fc.nat(40)).map(([text, nth]) => disguised(text, nth)) },
);
const hook = fc
  .tuple(traceId, spanId, word)
  .map(([trace, span, text]) => `[dd.trace_id=${trace} dd.span_id=${span}] ${text}`);
const inText = fc.oneof(
  word,
  hook,
  json,
  fc.tuple(word, json).map(([text, object]) => `info: ${text} ${object}`),
  traceId.map((id) => `{\n  m: 'x',\n  dd: { trace_id: '${id}', span_id: '1' }\n}`),
  fc
    .tuple(traceId, word)
    .map(([id, service]) => `INFO [dd.service=${service} dd.env=dev dd.trace_id=${id} dd.span_id=1] x`),
);
const level = fc.constantFrom("INFO\t", "ERROR\t", "", "ABCDEFGHIJK\t", "info\t");
const line = fc.oneof(
  json,
  inText,
  fc.tuple(time, requestId, level, inText).map(([at, id, mark, text]) => `${at}\t${id}\t${mark}${text}\n`),
  fc.tuple(time, requestId, inText).map(([at, id, text]) => `[INFO]\t${at}\t${id}\t${text}`),
  fc
    .tuple(fc.constantFrom("START", "END", "REPORT", "Report", "INIT_START"), requestId, word)
    .map(([kind, id, text]) => `${kind} RequestId: ${id} ${text}\n`),
  fc.tuple(time, requestId).map(([at, id]) => `${at} ${id} Task timed out after 3.00 seconds\n\n`),
  requestId.map((id) => `RequestId: ${id} Error: Runtime exited with error: signal: killed`),
);
/** A line, its front, its end, or a part of it: what is left where a line is cut. */
const piece = fc.oneof(
  { weight: 3, arbitrary: line },
  { weight: 1, arbitrary: fc.tuple(line, fc.nat(400)).map(([text, end]) => text.slice(0, end)) },
  { weight: 1, arbitrary: fc.tuple(json, fc.nat(30)).map(([text, nth]) => cutBehindBrace(text, nth)) },
  { weight: 1, arbitrary: fc.tuple(json, fc.nat(30)).map(([text, nth]) => cutBeforeBrace(text, nth)) },
  { weight: 1, arbitrary: fc.tuple(line, fc.nat(200), fc.nat(400)).map(([text, from, end]) => text.slice(from, end)) },
);

/** The same JSON with one letter of a key or a value written as `\\u00xx`. */
function disguised(text: string, nth: number): string {
  const letters = [...text.matchAll(/(?<=[A-Za-z_.])[dqt]|(?<=")[a-z]/g)].map(({ index }) => index);
  const at = letters[nth % Math.max(1, letters.length)];
  if (at === undefined) return text;
  return `${text.slice(0, at)}\\u00${text.charCodeAt(at).toString(16)}${text.slice(at + 1)}`;
}

function cutBehindBrace(text: string, nth: number): string {
  const ends = [...text.matchAll(/\}/g)].map(({ index }) => index + 1);
  return text.slice(0, ends[nth % Math.max(1, ends.length)]);
}

function cutBeforeBrace(text: string, nth: number): string {
  const starts = [...text.matchAll(/\{/g)].map(({ index }) => index);
  return text.slice(starts[nth % Math.max(1, starts.length)]);
}

/** `dd` objects that differ in their ids alone, in the order of pino's and of winston's. */
const pinosDd = fc
  .tuple(traceId, spanId)
  .map(([trace_id, span_id]) =>
    JSON.stringify({ trace_id, span_id, service: "thinker", version: "1.2.3", env: "dev" }),
  );
const winstonsDd = fc
  .tuple(traceId, spanId)
  .map(([trace_id, span_id]) =>
    JSON.stringify({ env: "dev", service: "thinker", span_id, trace_id, version: "1.2.3" }),
  );
const knownDd = fc.oneof(pinosDd, winstonsDd);
/** What else a line may hold, as it is written: what makes the `dd` of a line another one, or not the only thing told. */
const member = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('"level":30', '"msg":"hello"', '"a":[1,2]') },
  { weight: 2, arbitrary: word.map((text) => `"msg":${JSON.stringify(text)}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '"requestId":"5c7d7637-d7c3-4384-96ee-476da62d3ad6"',
      '"AWSRequestId":"5c7d7637-d7c3-4384-96ee-476da62d3ad6"',
      '"function_request_id":"5c7d7637-d7c3-4384-96ee-476da62d3ad6"',
      '"faas.invocation_id":"5c7d7637-d7c3-4384-96ee-476da62d3ad6"',
      '"requ\\u0065stId":"5c7d7637-d7c3-4384-96ee-476da62d3ad6"',
      '"xray_trace_id":"1-6ac7d556-032906e375c910cf42cb849e"',
      '"my_id":"x"',
      '"dd":"x"',
      '"dd":null',
      '"d\\u0064":{"trace_id":"26"}',
      '"d\\u0064":"x"',
      '"traceId":"6b00f9d500000000414ae78d188f3825"',
      '"s":"{"',
      '"s":"}"',
      '"s":"a}"',
      '"s":"a\\"}"',
      '"s":\n"}"',
      '"s":["}"]',
      '"s":"x,"',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom('"a":{"b":1}', '"a":{"b":"x"}', '"a":{}') },
  { weight: 1, arbitrary: knownDd.map((dd) => `"a":{"dd":${dd}}`) },
  { weight: 1, arbitrary: knownDd.map((dd) => `"a":{"b":1,"dd":${dd}}`) },
  { weight: 1, arbitrary: knownDd.map((dd) => `"dd":${dd}`) },
  { weight: 1, arbitrary: knownDd.map((dd) => `"x\\"dd":${dd}`) },
  { weight: 1, arbitrary: knownDd.map((dd) => `"s":${JSON.stringify(`{"dd":${dd}}`)}`) },
);
const members = fc.array(member, { maxLength: 3 });
const aroundDd = fc
  .tuple(
    members,
    fc.option(knownDd, { freq: 5 }),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, members),
    fc.constantFrom("", "\n", " x"),
    fc.boolean(),
  )
  .map(([before, dd, after, behind, isFirst]) => {
    const own = dd ? [`"dd":${dd}`] : [];
    const all = isFirst ? [...own, ...before] : [...before, ...own, ...after];
    return `{${all.join(",")}}${behind}`;
  });
const pieceAroundDd = fc.oneof(
  { weight: 3, arbitrary: aroundDd },
  { weight: 1, arbitrary: fc.tuple(aroundDd, fc.nat(30)).map(([text, nth]) => cutBehindBrace(text, nth)) },
  { weight: 1, arbitrary: fc.tuple(aroundDd, fc.nat(30)).map(([text, nth]) => cutBeforeBrace(text, nth)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(aroundDd, fc.nat(30), fc.nat(30))
      .map(([text, from, to]) => cutBehindBrace(cutBeforeBrace(text, from), to)),
  },
);
const CAPTURES = [
  "dd-trace-js/loggers-textformat.lambda-events.jsonl",
  "dd-trace-js/loggers-jsonformat.lambda-events.jsonl",
  "dd-trace-js/loggers-64bit-logging.lambda-events.jsonl",
  "dd-trace-js/thinker-api.lambda-events.jsonl",
  "otel-loggers/pino-winston-instrumentation.lambda-events.jsonl",
  "powertools/powertools-logger.lambda-events.jsonl",
  "powertools/powertools-logger-alc-json.lambda-events.jsonl",
  "constructed-from-source/platform-lines-json.jsonl",
  "constructed-from-source/platform-lines-text.log",
  "constructed-from-source/datadog-other-languages.log",
];

describe("the lines of a slice", () => {
  it("say one after the other what each says alone", () => {
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), expectSameContexts), { numRuns });
  });

  it("say the same around a `dd`, and where it is none", () => {
    const messages = fc.array(pieceAroundDd, { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(messages, expectSameContexts), { numRuns });
  });

  it.each(CAPTURES)("say the same where they were captured: %s", (file) => {
    const messages = capturedMessages(file);
    expectSameContexts([...messages, ...messages]);
    expectSameContexts(messages.flatMap((message) => [message, message.slice(0, -1), message.slice(1)]));
  });

  it("share one context where they say the same", () => {
    const text = "2026-11-21T01:53:45.858Z\t5c7d7637-d7c3-4384-96ee-476da62d3ad6\tINFO\thello\n";
    const { slice, logEvents } = aSlice([text, "other", text]);
    const reader = new LogContextReader(slice);
    const [first, , third] = logEvents.map(({ message, messageEnd }) => reader.read(message, messageEnd));
    expect(first).not.toBeNull();
    expect(third).toBe(first);
  });
});

describe("a JSON line", () => {
  it.each([
    ["pino", (message: string) => message.startsWith('{"level":30,"time":')],
    ["winston", (message: string) => message.startsWith('{"dd":') && !message.includes('"error"')],
    ["Powertools", (message: string) => message.includes('"function_request_id"')],
    ["Lambda", (message: string) => message.startsWith('{"timestamp":')],
    [
      "OpenTelemetry's pino",
      (message: string) => message.includes('"trace_id":"') && message.includes('"trace_flags":"'),
    ],
  ])("of %s is read where it stands", (_, isTheirs) => {
    const ofLambda = `{"timestamp":"t","level":"INFO","requestId":"${"0".repeat(36)}","message":"hello"}`;
    const files = [
      ...CAPTURES.slice(0, 1),
      "otel-loggers/pino-winston-instrumentation.lambda-events.jsonl",
      "powertools/powertools-logger.lambda-events.jsonl",
    ];
    const theirs = [...files.flatMap(capturedMessages), ofLambda].filter(isTheirs);
    expect(theirs).not.toEqual([]);
    const { slice, logEvents } = aSlice([...theirs, "the last"]);
    const { buffer, byteOffset, length } = slice.bytes;
    const reader = new LogMembersReader(slice, new DataView(buffer, byteOffset, length));
    for (const event of logEvents.slice(0, -1)) {
      const context = reader.read(event.message, event.messageEnd, "");
      expect(context).not.toBeUndefined();
      expect(context).toEqual(completely(slice, event));
    }
  });
});
