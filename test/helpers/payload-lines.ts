/** Random trace payload lines: some as tracers write them, some with a few things in them that none writes. */
import fc from "fast-check";

/** JSON text, because how a number or a text is spelled matters. */
type Json = fc.Arbitrary<string>;

/** How tokens are set apart. */
interface Style {
  colon: string;
  comma: string;
  open: string;
}

const COMPACT = { colon: ":", comma: ",", open: "" };
const SPACED = { colon: ": ", comma: ", ", open: "" };
const ODD_STYLES = [
  { colon: " :  ", comma: " , ", open: " " },
  { colon: ":", comma: ",\n", open: "\t" },
];

const LONG = [127, 128, 129, 16_383, 16_384, 20_000];
const TEXTS = ["", "\ud800", "a\udfff", "\x001234567890123456", '{"a":"b\\n"}', "serverless", "dev"];
const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(...TEXTS) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...LONG), fc.constantFrom("x", "é", "\\")).map(([size, of]) => of.repeat(size)),
  },
);

/** A string as JSON printers spell it: plainly, in ASCII, or with a backslash before a slash. */
function string(of: fc.Arbitrary<string>): Json {
  return fc.tuple(of, fc.constantFrom("plain", "plain", "ASCII", "slashes")).map(([value, spelling]) => {
    const json = JSON.stringify(value);
    if (spelling === "slashes") return json.replaceAll("/", "\\/");
    if (spelling === "plain") return json;
    return json.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  });
}

const hex = (minLength: number, maxLength: number): Json =>
  fc
    .string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength, maxLength })
    .map((digits) => `"${digits.slice(0, -1)}${digits.at(-1) === "0" ? "1" : digits.at(-1)}"`);

const KEYS =
  "env version language dd_trace runtime-id service request_id requestXid _dd.p.tid _dd.p.dm _dd.origin".split(" ");
KEYS.push(
  ..."_dd.compute_stats _dd.compute_statz span.kind a b ab abc abcd abcde abXde __proto__ constructor ключ é".split(
    " ",
  ),
);
KEYS.push("_inferred_span.tag_source", "_dd.parent_source", "team", "ti");
KEYS.push("k".repeat(127), "k".repeat(128), "k".repeat(300));
const ODD_KEYS = ["0", "12", "1a", "", "k\n", 'k"', "k\\"];
const META = [
  '"self"',
  '"xray"',
  '"aws.lambda"',
  '"6b00f9d500000000"',
  '"6B00f9d500000001"',
  '"0000000000000000"',
  '"5C7D7637-D7C3"',
  '"dev"',
  '""',
];
const ODD_META = ["null", "1", "true", "{}", '["x"]', "x"];
const METRICS = "_sampling_priority_v1 _top_level _dd.measured _dd.top_level process_id i start".split(" ");
const NUMBERS = "0 1 443 999999999 1234567890 12345678901234567890 -0 -1 0.5 -2.25 1e5 1E+300 2.5e-7".split(" ");
const ODD_NUMBERS = "1e400 01 -01 1. .5 - + 1e 0x1 null NaN Infinity true".split(" ").concat('"x"');
const NANOS = "0 1 7 91309 1795226069831013037 1795226025631011800 9223372036854775807 4294967295 4294967296".split(
  " ",
);
const ODD_NANOS = "9223372036854775808 -1 12.6 1.5e9 99999999999999999999 007".split(" ").concat('"5"');
/** Few, so that spans are parents of others, and sometimes of themselves. */
const IDS = ['"1a"', '"2b"', '"000000000000003C"'];
const ODD_IDS = ['"0"', '"0000000000000000"', '""', '"xyz"', "26", "4704827353930348581", "null", '"1\\u0061"'];
const ODD_FIELDS: [string, string][] = [
  ["span_links", '[{"trace_id":"1","span_id":"2"}]'],
  ["span_events", '[{"name":"e","startTime":1795226025822.25}]'],
  ["meta_struct", '{"a":1}'],
  ["extra", '{"a":[{}]}'],
  ["trace_id", '"1"'],
  ["name", '"again"'],
  ["meta", '{"a":"b"}'],
];
const EMPTY_FIELDS: [string, string][] = [
  ["span_links", "[]"],
  ["span_events", "[ ]"],
  ["meta_struct", "{}"],
];

/** @param odd how often a thing is one that no tracer writes, of 100 */
function lines(odd: number): fc.Arbitrary<string> {
  const either = <Value>(usual: fc.Arbitrary<Value>, unusual: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
    fc.oneof({ weight: 100 - odd, arbitrary: usual }, { weight: odd, arbitrary: unusual });
  const oneOf = (usual: Json, ...unusual: string[]): Json => either(usual, fc.constantFrom(...unusual));
  const id = oneOf(fc.oneof(hex(16, 16), hex(1, 16), fc.constantFrom(...IDS)), ...ODD_IDS, '"11111111111111111"');
  const traceId = oneOf(fc.oneof(hex(16, 16), hex(32, 32), hex(1, 32)), ...ODD_IDS, '"10000000000000000"');
  const fieldText = oneOf(
    fc.oneof(string(text), fc.constantFrom('"serverless"', '"aws.lambda"', '"aws.lambda-dns"', "null")),
    "7",
    "{}",
  );
  const nano = oneOf(
    fc.oneof(fc.constantFrom(...NANOS, "null"), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String)),
    ...ODD_NANOS,
  );
  const number = oneOf(
    fc.oneof(
      fc.constantFrom(...NUMBERS),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    ),
    ...ODD_NUMBERS,
  );
  const key = oneOf(fc.constantFrom(...KEYS), ...ODD_KEYS);
  const metaValue = oneOf(fc.oneof(string(text), fc.constantFrom(...META)), ...ODD_META);
  const map = (keys: Json, values: Json, maxLength: number) =>
    fc
      .tuple(fc.array(fc.tuple(keys, values), { maxLength }), either(fc.constant(true), fc.constant(false)))
      .map(([entries, isUnique]) => (isUnique ? [...new Map(entries)] : entries));
  const rarelyNot = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 10 });

  const span = (trace: string) =>
    fc.record({
      ids: fc.tuple(either(fc.constant(trace), traceId), id, rarelyNot(oneOf(id, '"0000000000000000"', "null"))),
      texts: fc.tuple(rarelyNot(fieldText), rarelyNot(fieldText), rarelyNot(fieldText), rarelyNot(fieldText)),
      error: rarelyNot(oneOf(fc.constantFrom("0", "1", "null", "12"), "true", "2147483648", "1.0", "00")),
      meta: rarelyNot(map(key, metaValue, 12)),
      metrics: rarelyNot(map(fc.oneof(fc.constantFrom(...METRICS), key), number, 6)),
      times: fc.tuple(rarelyNot(nano), rarelyNot(nano)),
      others: either(fc.subarray(EMPTY_FIELDS, { maxLength: 1 }), fc.subarray(ODD_FIELDS, { maxLength: 1 })),
      order: fc.option(fc.infiniteStream(fc.nat()), { freq: 3 }),
    });
  const written = (style: Style, given: ReturnType<typeof span> extends fc.Arbitrary<infer Value> ? Value : never) => {
    const { ids, texts, error, meta, metrics, times, others, order } = given;
    const [traceId, spanId, parentId] = ids;
    const [name, resource, service, type] = texts;
    const [start, duration] = times;
    const fields = Object.entries({
      trace_id: traceId,
      span_id: spanId,
      parent_id: parentId,
      name,
      resource,
      service,
      type,
      error,
      meta: meta && object(meta, style),
      metrics: metrics && object(metrics, style),
      start,
      duration,
    }).filter((field): field is [string, string] => field[1] !== null);
    const all = [...fields, ...others];
    if (!order) return object(all, style);
    const keys = new Map(all.map((field) => [field, order.next().value]));
    return object(
      all.toSorted((a, b) => (keys.get(a) as number) - (keys.get(b) as number)),
      style,
    );
  };
  const trace = (style: Style): Json =>
    traceId.chain((id) =>
      fc
        .array(span(id), { minLength: 1, maxLength: 4 })
        .map((spans) => `[${spans.map((given) => written(style, given)).join(style.comma)}]`),
    );
  return either(fc.constantFrom(COMPACT, COMPACT, SPACED), fc.constantFrom(...ODD_STYLES)).chain((style) =>
    fc
      .tuple(
        fc.array(trace(style), { minLength: 1, maxLength: 3 }),
        oneOf(fc.constant(""), '"v":1,'),
        oneOf(fc.constantFrom("", "\n", "\r\n", " "), "x", "}"),
      )
      .map(
        ([traces, front, end]) => `{${style.open}${front}"traces"${style.colon}[${traces.join(style.comma)}]}${end}`,
      ),
  );
}

function object(fields: [string, string][], { colon, comma, open }: Style): string {
  return `{${open}${fields.map(([name, value]) => `${JSON.stringify(name)}${colon}${value}`).join(comma)}${open}}`;
}

/** The message of a trace payload line, or of something close to one. */
export const payloadLine: fc.Arbitrary<string> = fc.oneof(lines(0), lines(2), lines(8));
