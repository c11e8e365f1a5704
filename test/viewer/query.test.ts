import fc from "fast-check";
import { FIELDS, matches, parseQuery, printQuery, type Query, QueryError } from "../../src/viewer/query.ts";
import { searchableLog, searchableSpan } from "../../src/viewer/searchable.ts";
import { anOrigin, aReceivedLog, aReceivedSpan, aTraceId } from "../helpers/received.ts";

const span = aReceivedSpan({
  service: "thinker-api",
  name: "aws.lambda",
  resource: "GET /think/{subject}",
  kind: 2,
  durationNano: 120_500_000n,
  error: { type: "TypeError", message: "Subject unknown", stack: "" },
  attributes: {
    "http.status_code": "404",
    "http.url": "http://x/cart/7",
    count: 7n,
    list: ["a", "b"],
    deep: { "a.b": { c: "d" } },
  },
  origin: anOrigin({ "faas.name": "thinker", env: "dev" }),
});
const log = aReceivedLog({
  traceId: aTraceId,
  spanId: "651c77517ea37a55",
  service: "thinker-api",
  body: '{"level":"error","msg":"no thought","subject":"foo_bar","context":{"try":2}}',
  severity: "error",
  origin: anOrigin({ ddsource: "lambda", "aws.log.group.names": "/aws/lambda/thinker" }),
});

describe("a query", () => {
  it.each([
    ["", true, true],
    ["service:thinker-api", true, true],
    ["SERVICE:Thinker-API", true, true],
    ["service:thinker", false, false],
    ["service:think*", true, true],
    ["service:*-api", true, true],
    ["service:t*r*pi", true, true],
    ["service:*api*x", false, false],
    ["resource:*think*", true, false],
    ['resource:"GET /think/{subject}"', true, false],
    ["status:error", true, true],
    ["-status:error", false, false],
    ["kind:server", true, false],
    ["function:thinker", true, true],
    ["source:lambda", false, true],
    ["group:/aws/lambda/*", false, true],
    ["span:651c77517ea37a55", true, true],
    ["@http.status_code:404", true, false],
    ["@http.status_code:>=400", true, false],
    ["@http.status_code:>404", false, false],
    ["@http.url:*cart*", true, false],
    ["@count:7", true, false],
    ["@count:*", true, false],
    ["@absent:*", false, false],
    ["@list:b", true, false],
    ["@deep.a.b.c:d", true, false],
    ["@env:dev", true, false],
    ["@subject:foo_bar", false, true],
    ["@context.try:2", false, true],
    ["@constructor:*", false, false],
    ["@__proto__:*", false, false],
    ["duration:>100ms", true, false],
    ["duration:<0.12s", false, false],
    ["duration:120.5", true, false],
    ["duration:>=1m", false, false],
    [`trace:${aTraceId}`, true, true],
    [`trace:${aTraceId.slice(16)}`, true, true],
    ["trace:4704827353930348581", true, true],
    ["trace:5", false, false],
    ["thought", false, true],
    ["unknown", true, false],
    ['"subject unknown"', true, false],
    ["subject unknown", true, false],
    ["no*foo", false, true],
    ["foo*no", false, false],
    ["unknown OR thought", true, true],
    ["unknown AND cart", true, false],
    ["(unknown OR thought) -cart", false, true],
    ["NOT (unknown thought)", true, true],
    ["http://x", true, false],
  ])("%j is true of a span: %j, of a log: %j", (text, ofSpan, ofLog) => {
    const query = parseQuery(text);
    expect([matches(query, searchableSpan(span)), matches(query, searchableLog(log))]).toEqual([ofSpan, ofLog]);
  });

  it.each([
    ["servce:api", 0, /no field servce; there are service/],
    ["a b:c", 2, /no field b/],
    ['a "b', 2, /quote/],
    ["(a", 0, /"\)" is missing/],
    ["a )", 2, /"\)" without/],
    ["a OR", 4, /missing/],
    ["OR a", 0, /OR has nothing/],
    ["a OR OR b", 5, /OR has nothing/],
    ["- a", 0, /minus/],
    ["service:", 8, /value is missing/],
    ["duration:fast", 9, /duration/],
    ["duration:>1h30", 9, /duration/],
    ["trace:xyz", 6, /trace id/],
    ["trace:0", 6, /trace id/],
    ["@", 0, /@name:value/],
    ["a\\", 1, /nothing follows/],
    ["(".repeat(30), 20, /too deep/],
    ["-".repeat(30), 20, /too deep/],
    ["a ".repeat(1_001), 2_000, /over 2000/],
  ])("%j goes wrong at %j", (text, position, why) => {
    expect(() => parseQuery(text)).toThrow(why);
    try {
      parseQuery(text);
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError);
      expect((error as QueryError).position).toBe(position);
    }
  });

  it("is printed as a text that is read as the same query", () => {
    fc.assert(
      fc.property(aQuery, (query) => {
        expect(parseQuery(printQuery(query))).toEqual(query);
      }),
      { numRuns: 500 },
    );
  });

  it("is read from any text, or goes wrong at a place of it, and is true or false of anything", () => {
    const pieces = [
      "service:",
      "@a.b:",
      "duration:>",
      "1ms",
      "(",
      ")",
      "-",
      '"',
      "*",
      "\\",
      " ",
      "OR",
      "AND",
      "trace:",
      "é",
      "x",
    ];
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, fc.string(), fc.dictionary(fc.string(), fc.string()), (given, body, attributes) => {
        let query: Query;
        try {
          query = parseQuery(given);
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
          const { position } = error as QueryError;
          expect(position >= 0 && position <= given.length).toBe(true);
          return;
        }
        expect(parseQuery(printQuery(query))).toEqual(query);
        const items = [searchableSpan({ ...span, attributes }), searchableLog({ ...log, body, attributes })];
        for (const item of items) expect(matches(query, item)).toBe(!matches({ is: "not", part: query }, item));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Patterns are kept in lower case. */
const lower = fc.string({ unit: "grapheme", minLength: 0, maxLength: 8 }).map((text) => text.toLowerCase());
const pattern = fc
  .array(lower, { minLength: 1, maxLength: 3 })
  .filter((parts) => parts.every((part) => part === part.toLowerCase()));
const path = fc.string({ minLength: 1, maxLength: 8 });
const comparison = fc.constantFrom(">" as const, ">=" as const, "<" as const, "<=" as const);
const aTerm: fc.Arbitrary<Query> = fc.oneof(
  fc.record({ is: fc.constant("text" as const), pattern }),
  fc.record({ is: fc.constant("field" as const), field: fc.constantFrom(...FIELDS), pattern }),
  fc.record({ is: fc.constant("tag" as const), path, pattern }),
  fc.record({ is: fc.constant("number" as const), path, comparison, value: fc.integer() }),
  fc.record({
    is: fc.constant("duration" as const),
    comparison,
    ms: fc.double({ min: 0, max: 1e12, noNaN: true }).map(Math.abs),
  }),
  fc.record({ is: fc.constant("trace" as const), id: fc.constantFrom("7", aTraceId, aTraceId.slice(16)) }),
);
const aQuery = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 3 },
    aTerm,
    fc.record({
      is: fc.constantFrom("and" as const, "or" as const),
      parts: fc.array(tie("query"), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ is: fc.constant("not" as const), part: tie("query") }),
  ),
})).query;
