import fc from "fast-check";
import { destinationsFor } from "../../src/destinations/index.ts";
import type { ResourceTelemetry, Span, TracePayload } from "../../src/telemetry.ts";
import {
  type ObfuscationSettings,
  obfuscate as obfuscateEither,
  obfuscateSpan,
} from "../../src/transforms/obfuscate.ts";
import { type AgentSpan, decodeAgentPayload } from "../../src/viewer/agent-payload.ts";
import { bodiesFor } from "../helpers/bodies.ts";
import { aPayload } from "../helpers/payloads.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_FORWARDER, aConfig, aSpan, telemetryOf } from "../helpers/telemetry.ts";

const USUAL: ObfuscationSettings = { obfuscateCardNumbers: true, removeStackTraces: false };

/** Of telemetry without OpenTelemetry's spans nothing need be loaded. */
function obfuscate(telemetry: ResourceTelemetry, settings: ObfuscationSettings): ResourceTelemetry {
  return obfuscateEither(telemetry, settings) as ResourceTelemetry;
}

function changed(given: Partial<Span>, settings = USUAL): Span {
  return obfuscateSpan(aSpan(given), settings);
}

describe("a span", () => {
  it("of SQL has a resource without literals, and the same as sql.query", () => {
    const sql = "SELECT a FROM t WHERE b = 'secret'";
    for (const type of ["sql", "cassandra"]) {
      const span = changed({
        type,
        resource: sql,
        attributes: { "db.statement": sql, "db.query.text": sql, other: sql },
      });
      const shown = "SELECT a FROM t WHERE b = ?";
      expect(span.resource).toBe(shown);
      expect(span.attributes).toEqual({
        "db.statement": shown,
        "db.query.text": shown,
        other: sql,
        "sql.query": shown,
      });
    }
  });

  it("of SQL that cannot be understood says so, and nothing else", () => {
    const { resource, attributes } = changed({
      type: "sql",
      resource: "SELECT 'secret",
      attributes: { "sql.query": "SELECT 'secret" },
    });
    expect([resource, attributes["sql.query"]]).toEqual(["Non-parsable SQL query", "Non-parsable SQL query"]);
  });

  it("of SQL is read in the dialect that its tracer names", () => {
    const resource = 'SELECT f("secret")';
    expect(changed({ type: "sql", resource, attributes: { "db.type": "MySQL" } }).resource).toBe("SELECT f ( ? )");
    expect(changed({ type: "sql", resource, attributes: { "db.system": "mariadb" } }).resource).toBe("SELECT f ( ? )");
    expect(changed({ type: "sql", resource, attributes: { "db.type": "postgres" } }).resource).toBe(
      "SELECT f ( secret )",
    );
  });

  it("of SQL without a resource keeps it empty", () => {
    const { resource, attributes } = changed({ type: "sql", resource: "", attributes: { "sql.query": "SELECT 1" } });
    expect([resource, attributes["sql.query"]]).toEqual(["", "SELECT ?"]);
    expect(changed({ type: "sql", resource: "" }).attributes).toEqual({});
  });

  it.each([
    ["redis", "redis.raw_command", "SET k secret", "SET k ?"],
    ["valkey", "valkey.raw_command", "SET k secret", "SET k ?"],
    ["redis", "db.statement", "SET k secret", "SET k ?"],
    ["memcached", "memcached.command", "set k 0 60 6\r\nsecret\r\n", "set k 0 60 6"],
    ["mongodb", "mongodb.query", '{"name":"secret"}', '{"name":"?"}'],
    ["elasticsearch", "elasticsearch.body", '{"name":"secret"}', '{"name":"?"}'],
    ["opensearch", "opensearch.body", '{"name":"secret"}', '{"name":"?"}'],
    ["http", "http.url", "https://example.com/users/7?secret", "https://example.com/users/??"],
    ["web", "http.url", "https://example.com/users/7", "https://example.com/users/?"],
  ])("of type %s loses the values of %s", (type, key, value, shown) => {
    expect(changed({ type, attributes: { [key]: value, other: value } }).attributes).toEqual({
      [key]: shown,
      other: value,
    });
    expect(changed({ type: "custom", attributes: { [key]: value } }).attributes).toEqual({ [key]: value });
  });

  it("of Redis is named after its commands", () => {
    expect(changed({ type: "redis", resource: "get session:secret" }).resource).toBe("GET");
  });

  it("loses numbers of cards, in its attributes and those of its events, unless that is switched off", () => {
    const given = {
      attributes: { card: "4111 1111 1111 1111", _card: "4111 1111 1111 1111", id: "1795226069831" },
      events: [
        {
          timeUnixNano: 1n,
          name: "paid",
          attributes: { card: "4111111111111111", list: ["4111111111111111", 1], n: 1 },
        },
      ],
    };
    const { attributes, events } = changed(given);
    expect(attributes).toEqual({ ...given.attributes, card: "?" });
    expect(events).toEqual([{ timeUnixNano: 1n, name: "paid", attributes: { card: "?", list: ["?", 1], n: 1 } }]);
    expect(changed(given, { ...USUAL, obfuscateCardNumbers: false })).toEqual(aSpan(given));
  });

  it("loses its stack traces only where that is asked for", () => {
    const given = {
      attributes: { "error.stack": "Error: x\n at f", "error.message": "x" },
      events: [{ timeUnixNano: 1n, name: "exception", attributes: { "exception.stacktrace": "Error: x\n at f" } }],
    };
    expect(changed(given)).toEqual(aSpan(given));
    const { attributes, events } = changed(given, { ...USUAL, removeStackTraces: true });
    expect(attributes).toEqual({ "error.stack": "?", "error.message": "x" });
    expect(events[0]?.attributes).toEqual({ "exception.stacktrace": "?" });
  });

  it("is the same object when nothing of it changes, and its own is never changed", () => {
    const span = Object.freeze(
      aSpan({
        attributes: Object.freeze({ a: "1" }),
        events: [{ timeUnixNano: 1n, name: "e", attributes: { a: [1] } }],
      }),
    );
    expect(obfuscateSpan(span, USUAL)).toBe(span);
    for (const type of ["constructor", "__proto__", "toString"]) {
      const other = aSpan({ type });
      expect(obfuscateSpan(other, USUAL)).toBe(other);
    }
    const statement = Object.freeze(
      aSpan({ type: "sql", resource: "SELECT 1", attributes: Object.freeze({ a: "1" }) }),
    );
    expect(obfuscateSpan(statement, USUAL)).not.toBe(statement);
  });
});

/** Spans as they are sent. */
function sent(telemetry: ResourceTelemetry): AgentSpan[] {
  return destinationsFor(aConfig(), A_FORWARDER)
    .flatMap((destination) => (destination.kind === "traces" ? bodiesFor(destination, [telemetry]) : []))
    .flatMap(({ body }) => decodeAgentPayload(body).tracerPayloads)
    .flatMap(({ chunks }) => chunks.flatMap(({ spans }) => spans));
}

function bodiesOf(telemetry: ResourceTelemetry): string[] {
  return destinationsFor(aConfig(), A_FORWARDER).flatMap((destination) =>
    bodiesFor(destination, [telemetry]).map(({ body }) => body.toString("latin1")),
  );
}

/** All payloads as objects, as lines of a rare shape are. */
function decoded(telemetry: ResourceTelemetry): ResourceTelemetry {
  const tracePayloads = telemetry.tracePayloads.map(
    (payload): TracePayload => ({ ...payload, table: null, firstSpan: 0 }),
  );
  return { ...telemetry, tracePayloads };
}

describe("a trace payload line", () => {
  const sql = { type: "sql", resource: "SELECT 1 FROM t", meta: { env: "dev" } };

  it("is sent without literals, from the table that its spans are noted in", () => {
    const telemetry = telemetryOf([
      aPayload(sql, { type: "redis", resource: "get x", meta: { "redis.raw_command": "SET k é\n" } }),
    ]);
    expect(telemetry.tracePayloads[0]?.table).not.toBeNull();
    const [first, second] = sent(obfuscate(telemetry, USUAL));
    expect(first).toMatchObject({ resource: "SELECT ? FROM t", meta: { env: "dev", "sql.query": "SELECT ? FROM t" } });
    expect(second).toMatchObject({ resource: "GET", meta: { "redis.raw_command": "SET k ?" } });
  });

  it("leaves nothing of one slice in the table for the next", () => {
    for (let round = 0; round < 2; round++) {
      const telemetry = obfuscate(telemetryOf([aPayload(sql), aPayload({ type: "web" })]), USUAL);
      expect(sent(telemetry).map(({ meta }) => meta["sql.query"])).toEqual(["SELECT ? FROM t", undefined]);
    }
  });

  it("gives spans without literals to whoever decodes it", () => {
    const { tracePayloads } = obfuscate(telemetryOf([aPayload(sql)]), USUAL);
    expect(tracePayloads[0]?.decode()[0]?.spans[0]?.resource).toBe("SELECT ? FROM t");
  });

  it("is sent byte for byte as its spans are when they are decoded first", () => {
    const text = fc.oneof(
      fc.constantFrom(
        "SELECT 'a', 1",
        "SET k v",
        "4111111111111111",
        "4111 1111 1111 1111\r\n",
        '{"a":1}',
        "https://a/1?b",
        "",
        "mysql",
        "\\u0034111111111111111",
      ),
      fc.string({ unit: "grapheme", maxLength: 12 }),
    );
    const keys = [
      "sql.query",
      "db.statement",
      "db.type",
      "redis.raw_command",
      "memcached.command",
      "mongodb.query",
      "elasticsearch.body",
      "http.url",
      "error.stack",
      "card",
      "_dd.compute_stats",
      "env",
    ];
    const span = fc.record({
      type: fc.constantFrom(
        "sql",
        "cassandra",
        "redis",
        "memcached",
        "mongodb",
        "elasticsearch",
        "http",
        "web",
        "",
        "ſql",
        "custom",
      ),
      resource: text,
      meta: fc.dictionary(fc.constantFrom(...keys), text, { maxKeys: 6, noNullPrototype: true }),
    });
    const settings = fc.record({ obfuscateCardNumbers: fc.boolean(), removeStackTraces: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(fc.array(span, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        settings,
        (payloads, given) => {
          const lines = payloads.map((spans) => aPayload(...spans));
          const noted = telemetryOf(lines);
          expect(noted.tracePayloads.every(({ table }) => table)).toBe(true);
          expect(bodiesOf(obfuscate(noted, given))).toEqual(bodiesOf(obfuscate(decoded(telemetryOf(lines)), given)));
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });
});
