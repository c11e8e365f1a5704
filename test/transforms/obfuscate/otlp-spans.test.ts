import fc from "fast-check";
import { tracesOf } from "../../../src/formats/datadog-of-otlp.ts";
import type { AnyValue, Attributes, OtlpSpan, ResourceSpans, Span, TracePayload } from "../../../src/telemetry.ts";
import { type ObfuscationSettings, obfuscate } from "../../../src/transforms/obfuscate.ts";
import { anOtlpSpan, onlySpan, resourceSpans } from "../../helpers/otlp.ts";
import { propertyRuns } from "../../helpers/property-runs.ts";
import { telemetryOf } from "../../helpers/telemetry.ts";

const USUAL: ObfuscationSettings = { obfuscateCardNumbers: true, removeStackTraces: false };

/** A payload of spans that are OpenTelemetry's. */
function aPayload(all: ResourceSpans[]): TracePayload {
  return {
    index: 0,
    traces: [],
    table: null,
    firstSpan: 0,
    decode: () => tracesOf(all),
    resourceSpans: all,
  };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `${item}` : item));
}

/** Both forms of a span. */
async function changed(
  given: Partial<OtlpSpan>,
  settings = USUAL,
  resource?: Attributes,
  isCompared = true,
): Promise<{ otlp: OtlpSpan; datadog: Span; all: ResourceSpans[] }> {
  const payload = aPayload([resourceSpans([anOtlpSpan(given)], resource)]);
  const before = isCompared && textOf(payload.resourceSpans);
  const { tracePayloads } = await obfuscate({ ...telemetryOf(["a log"]), tracePayloads: [payload] }, settings);
  const after = tracePayloads[0] as TracePayload;
  // What was given is left as it was.
  if (isCompared) expect(textOf(payload.resourceSpans)).toBe(before);
  const all = after.resourceSpans as ResourceSpans[];
  return { otlp: onlySpan(all), datadog: after.decode()[0]?.spans[0] as Span, all };
}

const SQL = "SELECT a FROM t WHERE b = 'secret'";
const SHOWN = "SELECT a FROM t WHERE b = ?";

describe("a span of OpenTelemetry", () => {
  it.each([
    ["db.system", "postgresql", "db.statement"],
    ["db.system.name", "microsoft.sql_server", "db.query.text"],
    ["db.system", "cassandra", "db.statement"],
    ["db.system", "something", "db.query.text"],
    ["other", "x", "db.statement"],
  ])("with %s %s has no literals in %s, and nor has Datadog's form of it", async (key, system, statement) => {
    const { otlp, datadog } = await changed({
      kind: 3,
      name: SQL,
      attributes: { [key]: system, [statement]: SQL, sql: 1 },
    });
    expect(otlp.attributes).toEqual({ [key]: system, [statement]: SHOWN, sql: 1 });
    expect(otlp.name).toBe(SHOWN);
    expect(datadog).toMatchObject({ resource: SHOWN, attributes: { [statement]: SHOWN } });
  });

  it("of SQL gives Datadog the statement that it groups by", async () => {
    const { datadog } = await changed({ kind: 3, attributes: { "db.system": "mysql", "db.statement": SQL } });
    expect(datadog).toMatchObject({ name: "mysql.query", type: "sql", attributes: { "sql.query": SHOWN } });
  });

  it("of SQL is read in its dialect", async () => {
    const attributes = { "db.system.name": "mysql", "db.query.text": 'SELECT f("secret")' };
    expect((await changed({ kind: 3, attributes })).otlp.attributes["db.query.text"]).toBe("SELECT f ( ? )");
  });

  it.each([
    ["redis", "SET k secret", "SET k ?"],
    ["memcached", "set k 0 60 6\r\nsecret\r\n", "set k 0 60 6"],
    ["mongodb", '{"name":"secret"}', '{"name":"?"}'],
    ["elasticsearch", '{"name":"secret"}', '{"name":"?"}'],
    ["opensearch", '{"name":"secret"}', '{"name":"?"}'],
    ["dynamodb", '{"name":"secret"}', '{"name":"?"}'],
  ])("of %s has no values in its statement", async (system, statement, shown) => {
    for (const key of ["db.statement", "db.query.text"]) {
      const { otlp, datadog } = await changed({
        kind: 3,
        name: "q",
        attributes: { "db.system": system, [key]: statement },
      });
      expect(otlp.attributes[key]).toBe(shown);
      expect(datadog.attributes[key]).toBe(shown);
    }
  });

  it("of Redis is named after its commands in Datadog", async () => {
    const { datadog } = await changed({
      kind: 3,
      attributes: { "db.system": "redis", "db.statement": "SET k secret" },
    });
    expect(datadog).toMatchObject({ type: "redis", resource: "SET" });
  });

  it("has no parameters of statements, and no statement that is no text", async () => {
    const attributes = {
      "db.query.parameter.name": "secret",
      "db.operation.parameter.n": 7n,
      "db.statement": ["secret"],
    };
    const { otlp } = await changed({ attributes });
    expect(Object.values(otlp.attributes)).toEqual(["?", "?", "?"]);
  });

  it("has no users, queries and parts with digits in its URLs, and in a name that repeats them", async () => {
    const { otlp, datadog } = await changed({
      name: "GET /users/7?q=secret",
      attributes: {
        "url.full": "https://me:pw@example.com/users/7?q=secret",
        "http.url": "https://example.com/users/7#x",
        "http.target": "/users/7?q=secret",
        "url.path": "/users/7",
        "url.query": "q=secret",
        "url.fragment": "x",
      },
    });
    expect(otlp.attributes).toEqual({
      "url.full": "https://example.com/users/??",
      "http.url": "https://example.com/users/?",
      "http.target": "/users/??",
      "url.path": "/users/?",
      "url.query": "?",
      "url.fragment": "?",
    });
    expect(otlp.name).toBe("GET /users/??");
    expect(datadog.resource).toBe("GET /users/??");
  });

  it("loses numbers of cards wherever they stand, unless that is switched off", async () => {
    const card = "4111 1111 1111 1111";
    const given: Partial<OtlpSpan> = {
      attributes: { card, list: [card, "1"], map: { inner: card, _inner: card } },
      events: [{ timeUnixNano: 1n, name: "paid", attributes: { card }, droppedAttributesCount: 0 }],
      links: [
        {
          traceId: "1".repeat(32),
          spanId: "1".repeat(16),
          traceState: "",
          flags: 0,
          attributes: { card },
          droppedAttributesCount: 0,
        },
      ],
    };
    const { otlp, all } = await changed(given, USUAL, { "service.name": "x", card });
    expect(otlp.attributes).toEqual({ card: "?", list: ["?", "1"], map: { inner: "?", _inner: card } });
    expect(otlp.events[0]?.attributes).toEqual({ card: "?" });
    expect(otlp.links[0]?.attributes).toEqual({ card: "?" });
    expect(all[0]?.attributes).toEqual({ "service.name": "x", card: "?" });
    expect((await changed(given, { ...USUAL, obfuscateCardNumbers: false })).otlp).toEqual(anOtlpSpan(given));
  });

  it("loses its stack traces only where that is asked for, in both forms", async () => {
    const given: Partial<OtlpSpan> = {
      status: { code: 2, message: "x" },
      events: [
        {
          timeUnixNano: 1n,
          name: "exception",
          attributes: { "exception.stacktrace": "Error: x\n at f", "exception.message": "x" },
          droppedAttributesCount: 0,
        },
      ],
    };
    expect((await changed(given)).datadog.attributes["error.stack"]).toBe("Error: x\n at f");
    const { otlp, datadog } = await changed(given, { ...USUAL, removeStackTraces: true });
    expect(otlp.events[0]?.attributes).toEqual({ "exception.stacktrace": "?", "exception.message": "x" });
    expect(datadog.attributes["error.stack"]).toBe("?");
  });

  it("keeps what is nobody's secret", async () => {
    const given: Partial<OtlpSpan> = {
      name: "SELECT shop.orders2",
      kind: 3,
      attributes: { "db.system": "postgresql", "db.collection.name": "orders2", "http.route": "/users/:id", "": null },
    };
    expect((await changed(given)).otlp).toEqual(anOtlpSpan(given));
  });

  it("has no literal left in either form, whatever it calls and however it is named", async () => {
    const secret = "tok7en";
    const statements = fc.constantFrom<[Attributes, string]>(
      [{ "db.system": "postgresql" }, `SELECT 1 FROM t WHERE a = '${secret}' AND b IN ('${secret}', 2)`],
      [{ "db.system.name": "mysql" }, `INSERT INTO t VALUES ("${secret}")`],
      [{ "db.system": "db2" }, `UPDATE t SET a = '${secret}`],
      [{ "db.system": "redis" }, `SET k ${secret}`],
      [{ "db.system": "valkey" }, `MSET k ${secret} l "${secret} x"`],
      [{ "db.system": "memcached" }, `set k 0 0 6\r\n${secret}`],
      [{ "db.system": "mongodb" }, `{"a":"${secret}","b":["${secret}"]}`],
      [{ "db.system": "mongodb" }, `{"a":"${secret}`],
      [{ "db.system": "elasticsearch" }, `{"query":{"match":{"m":"${secret}"}}}`],
      [{ "db.system": "neo4j" }, `MATCH (n) WHERE n.name = '${secret}' RETURN n`],
      [{}, `SELECT '${secret}'`],
      [{ "span.type": "sql", "telemetry.x": "y" }, `SELECT '${secret}'`],
    );
    const property = fc.asyncProperty(
      statements,
      fc.constantFrom("db.statement", "db.query.text", "sql.query"),
      fc.constantFrom("", "query ", "pg.query:"),
      fc.constantFrom(0, 1, 2, 3, 4, 5),
      fc.boolean(),
      fc.constantFrom("other", "datadog"),
      async ([of, statement], key, prefix, kind, isNamed, sdk) => {
        const { otlp, datadog } = await changed(
          {
            kind: kind as OtlpSpan["kind"],
            name: isNamed ? prefix + statement : "query",
            attributes: {
              ...of,
              [key]: statement,
              ...(isNamed && { "resource.name": statement }),
              "url.full": `https://${secret}@example.com/?${secret}`,
              "url.query": secret,
            },
          },
          USUAL,
          { "service.name": "x", "telemetry.sdk.name": sdk },
        );
        expect(textOf([otlp, datadog])).not.toContain(secret);
      },
    );
    await fc.assert(property, { numRuns: propertyRuns(300) });
  });

  it("shows nothing of values that are nested deeper than anybody's", async () => {
    let value: AnyValue = "4111111111111111";
    for (let depth = 0; depth < 20_000; depth++) value = [value];
    const { otlp, datadog } = await changed({ attributes: { value } }, USUAL, undefined, false);
    expect(JSON.stringify(otlp.attributes)).toMatch(/^\{"value":\[{64}"\?"\]{64}\}$/);
    expect(datadog.attributes.value).not.toContain("4111");
  });

  it("lives beside spans that are noted in a table", async () => {
    const { aPayload: aLine } = await import("../../helpers/payloads.ts");
    const telemetry = telemetryOf([aLine({ type: "sql", resource: SQL })]);
    const other = aPayload([resourceSpans([anOtlpSpan({ attributes: { "db.statement": SQL } })])]);
    const both = { ...telemetry, tracePayloads: [...telemetry.tracePayloads, other] };
    const { tracePayloads } = await obfuscate(both, USUAL);
    expect(tracePayloads[0]?.decode()[0]?.spans[0]?.resource).toBe(SHOWN);
    expect(tracePayloads[1]?.decode()[0]?.spans[0]?.attributes["db.statement"]).toBe(SHOWN);
  });
});
