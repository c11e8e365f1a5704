/**
 * Attributes of spans that Datadog and OpenTelemetry have under two names. docs/mapping.md gives the reasons.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 * @see https://github.com/DataDog/datadog-agent/blob/main/pkg/opentelemetry-mapping-go/otlp/attributes/attributes.go
 */

export interface SemanticName {
  datadog: string;
  otel: string;
  /** What OpenTelemetry's value is; Datadog's is always text. A list is one text, with commas. */
  value: "text" | "integer" | "boolean" | "list";
  /**
   * What becomes of OpenTelemetry's in a span that no tracer of Datadog made: it gets Datadog's name, as the agent does it,
   * or Datadog's besides, or it stays as it is.
   */
  back: "renamed" | "copied" | "as it is";
}

/** An int as text, in the one spelling that it has. */
export const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

const ROWS: readonly [string, string, SemanticName["value"], SemanticName["back"]][] = [
  ["http.method", "http.request.method", "text", "renamed"],
  ["http.status_code", "http.response.status_code", "integer", "renamed"],
  ["http.url", "url.full", "text", "renamed"],
  ["http.useragent", "user_agent.original", "text", "renamed"],
  ["http.client_ip", "client.address", "text", "renamed"],
  ["http.version", "network.protocol.version", "text", "renamed"],
  ["http.server_name", "server.address", "text", "renamed"],
  ["http.request.content_length", "http.request.body.size", "integer", "renamed"],
  ["http.response.content_length", "http.response.body.size", "integer", "renamed"],
  ["http.referrer", "http.request.header.referrer", "list", "renamed"],
  ["request_id", "faas.invocation_id", "text", "copied"],
  ["cold_start", "faas.coldstart", "boolean", "copied"],
  ["db.name", "db.namespace", "text", "copied"],
  ["sql.query", "db.query.text", "text", "as it is"],
];
/** Headers: what stands behind is a header's name. */
const PREFIXES: readonly [string, string][] = [
  ["http.request.headers.", "http.request.header."],
  ["http.response.headers.", "http.response.header."],
];

export const SEMANTIC_NAMES: readonly SemanticName[] = ROWS.map(([datadog, otel, value, back]) => ({
  datadog,
  otel,
  value,
  back,
}));
const BY_DATADOG = new Map(SEMANTIC_NAMES.map((name) => [name.datadog, name]));
const BY_OTEL = new Map(SEMANTIC_NAMES.map((name) => [name.otel, name]));

/** By Datadog's name; undefined: both have the same. */
export function semanticNameOf(datadog: string): SemanticName | undefined {
  return BY_DATADOG.get(datadog) ?? headerName(datadog, 0);
}

/** By OpenTelemetry's name; undefined: both have the same. */
export function semanticNameIn(otel: string): SemanticName | undefined {
  return BY_OTEL.get(otel) ?? headerName(otel, 1);
}

function headerName(key: string, side: 0 | 1): SemanticName | undefined {
  const prefixes = key.startsWith("http.re") ? PREFIXES.find((pair) => key.startsWith(pair[side])) : undefined;
  if (!prefixes) return undefined;
  const header = key.slice(prefixes[side].length);
  const [datadog, otel] = [prefixes[0] + header, prefixes[1] + header];
  // One that has a row has another name there.
  return BY_OTEL.has(otel) ? undefined : { datadog, otel, value: "list", back: "renamed" };
}
