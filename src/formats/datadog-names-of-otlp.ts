/**
 * Name, resource and type of an OpenTelemetry span in Datadog, as Datadog's agent derives them from what the span says of
 * itself.
 *
 * @see https://github.com/DataDog/datadog-agent/blob/main/pkg/trace/traceutil/otel_util.go
 */
import type { Attributes, OtlpSpan } from "../telemetry.ts";
import { textIn } from "./otlp-values.ts";

const [SERVER, CLIENT] = [2, 3];
const MAX_TAG_CHARACTERS = 200;
const KIND_AS_NAME = ["Internal", "Internal", "Server", "Client", "Producer", "Consumer"];

const SQL =
  "other_sql mssql microsoft.sql_server mysql oracle oracle.db db2 ibm.db2 postgresql redshift aws.redshift cloudscape " +
  "hsqldb maxdb sap.maxdb ingres actian.ingres firstsql edb cache firebird firebirdsql derby informix ibm.informix mariadb " +
  "sqlite sybase teradata vertica h2 h2database coldfusion cockroachdb progress hanadb sap.hana adabas softwareag.adabas " +
  "filemaker instantdb interbase netezza ibm.netezza pervasive pointbase clickhouse";
const TYPES_OF_SYSTEMS = new Map<string, string>([
  ...SQL.split(" ").map((system): [string, string] => [system, "sql"]),
  ...["cassandra", "redis", "valkey", "memcached", "mongodb", "elasticsearch", "opensearch"].map(
    (system): [string, string] => [system, system],
  ),
]);

export interface DatadogNames {
  name: string;
  resource: string;
  type: string;
}

/** The attributes of a span, and behind them those of its resource. */
export class SpanFacts {
  readonly #own: Attributes;
  readonly #resource: Attributes;

  constructor(own: Attributes, resource: Attributes) {
    this.#own = own;
    this.#resource = resource;
  }

  /** The first of some attributes that has a text; "" where none has. */
  text(...keys: string[]): string {
    for (const attributes of [this.#own, this.#resource]) {
      for (const key of keys) {
        const text = textIn(attributes, key);
        if (text !== "") return text;
      }
    }
    return "";
  }
}

export function datadogNamesOf(span: OtlpSpan, resource: Attributes): DatadogNames {
  const facts = new SpanFacts(span.attributes, resource);
  return { name: nameOf(span, facts), resource: resourceOf(span, facts), type: typeOf(span, facts) };
}

/** The database that a span calls, as Datadog's type of it; "" = none. */
export function databaseTypeOf(facts: SpanFacts): string {
  const system = tag(facts.text("db.system", "db.system.name"));
  return system === "" ? "" : (TYPES_OF_SYSTEMS.get(system) ?? "db");
}

function typeOf({ kind }: OtlpSpan, facts: SpanFacts): string {
  const given = facts.text("span.type");
  if (given !== "") return given;
  if (kind === SERVER) return "web";
  return kind === CLIENT ? databaseTypeOf(facts) || "http" : "custom";
}

function resourceOf({ name, kind }: OtlpSpan, facts: SpanFacts): string {
  const given = facts.text("resource.name");
  if (given !== "") return given;
  const method = facts.text("http.request.method", "http.method");
  if (method !== "") {
    const verb = method === "_OTHER" ? "HTTP" : method;
    return words(verb, kind === SERVER ? facts.text("http.route") : "");
  }
  const operation = facts.text("messaging.operation");
  if (operation !== "") {
    return words(operation, facts.text("messaging.destination", "messaging.destination.name"));
  }
  const rpc = facts.text("rpc.method");
  if (rpc !== "") return words(rpc, facts.text("rpc.service"));
  const graphql = facts.text("graphql.operation.type");
  if (graphql !== "") return words(graphql, facts.text("graphql.operation.name"));
  const statement = databaseTypeOf(facts) === "" ? "" : facts.text("db.statement", "db.query.text");
  return statement || name;
}

function nameOf({ kind }: OtlpSpan, facts: SpanFacts): string {
  const given = tag(facts.text("operation.name"));
  if (given !== "") return given;
  const isCall = kind === SERVER || kind === CLIENT;
  const side = kind === SERVER ? "server" : "client";
  if (isCall && facts.text("http.request.method", "http.method") !== "") return `http.${side}.request`;
  const database = tag(facts.text("db.system", "db.system.name"));
  if (kind === CLIENT && database !== "") return `${database}.query`;
  const [messaging, operation] = [tag(facts.text("messaging.system")), tag(facts.text("messaging.operation"))];
  if (kind >= SERVER && messaging !== "" && operation !== "") return `${messaging}.${operation}`;
  const rpc = tag(facts.text("rpc.system"));
  if (rpc === "aws-api" && kind === CLIENT) {
    const service = tag(facts.text("rpc.service"));
    return service === "" ? "aws.client.request" : `aws.${service}.request`;
  }
  if (isCall && rpc !== "") return `${rpc}.${side}.request`;
  const [provider, invoked] = [tag(facts.text("faas.invoked_provider")), tag(facts.text("faas.invoked_name"))];
  if (kind === CLIENT && provider !== "" && invoked !== "") return `${provider}.${invoked}.invoke`;
  const trigger = tag(facts.text("faas.trigger"));
  if (kind === SERVER && trigger !== "") return `${trigger}.invoke`;
  if (facts.text("graphql.operation.type") !== "") return "graphql.server.request";
  if (!isCall) return KIND_AS_NAME[kind] ?? "Internal";
  const protocol = tag(facts.text("network.protocol.name"));
  return protocol === "" ? `${side}.request` : `${protocol}.${side}.request`;
}

function words(first: string, second: string): string {
  return second === "" ? first : `${first} ${second}`;
}

/** As Datadog writes the values of tags. */
function tag(text: string): string {
  return text
    .slice(0, MAX_TAG_CHARACTERS)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\-:./]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}
