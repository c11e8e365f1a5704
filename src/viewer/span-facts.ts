/** What spans say about themselves in several vocabularies: their error, their resource, and whom they call. */
import type { AnyValue, Attributes, SpanKind } from "../telemetry.ts";
import { textOfValue } from "./any-value.ts";
import type { ReceivedError, ReceivedEvent, ReceivedSpan } from "./received.ts";

const KINDS: Readonly<Record<string, SpanKind>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };

const DATABASES: ReadonlySet<string> = new Set([
  ...["sql", "db", "redis", "valkey", "mongodb", "cassandra", "memcached", "elasticsearch", "opensearch", "cache"],
]);
const SERVED: ReadonlySet<string> = new Set(["web", "serverless", "server"]);

/** Datadog's `span.kind`, or what its type says; 0 = unknown. */
export function kindOfDatadog(kind: string, type: string): SpanKind {
  const named = kind.toLowerCase();
  if (Object.hasOwn(KINDS, named)) return KINDS[named] as SpanKind;
  return SERVED.has(type) ? 2 : type === "http" || DATABASES.has(type) ? 3 : 0;
}

/** Of a span that failed: an exception event says it best, the last one counts. */
export function errorOf(attributes: Attributes, events: ReceivedEvent[], statusMessage: string): ReceivedError {
  const exception = events.findLast(({ name }) => name.toLowerCase() === "exception")?.attributes ?? {};
  return {
    type: first(exception, "exception.type") || first(attributes, "error.type", "exception.type"),
    message:
      first(exception, "exception.message") ||
      // Tracers say `error.message`, the Agent says `error.msg`.
      first(attributes, "error.message", "error.msg", "exception.message") ||
      statusMessage,
    stack: first(exception, "exception.stacktrace") || first(attributes, "error.stack", "exception.stacktrace"),
  };
}

/** Of a span that names none itself: method and route of a request, otherwise its name. */
export function resourceOf(name: string, attributes: Attributes): string {
  const named = first(attributes, "resource.name");
  if (named) return named;
  const method = first(attributes, "http.request.method", "http.method");
  const route = first(attributes, "http.route");
  return method && route ? `${method} ${route}` : name;
}

export type PeerKind = "service" | "database" | "queue" | "external";

export interface Peer {
  name: string;
  kind: PeerKind;
}

/** Whom a client or producer span calls, as far as its attributes say; undefined for other spans. */
export function peerOf({ kind, type, attributes }: ReceivedSpan): Peer | undefined {
  if (kind !== 3 && kind !== 4) return undefined;
  const host =
    first(attributes, "server.address", "network.destination.name", "net.peer.name", "out.host", "peer.hostname") ||
    hostOf(first(attributes, "url.full", "http.url"));
  const named = first(attributes, "peer.service");
  const queue = first(attributes, "messaging.system");
  if (queue || kind === 4) {
    const destination = first(attributes, "messaging.destination.name", "messaging.destination", "topicname");
    const name = named || [queue, destination].filter(Boolean).join(" ") || host;
    return name ? { name, kind: "queue" } : undefined;
  }
  const database = first(attributes, "db.system.name", "db.system", "db.type") || (DATABASES.has(type) ? type : "");
  if (database) {
    const schema = first(attributes, "db.namespace", "db.name", "db.instance");
    return { name: named || [database, schema || host].filter(Boolean).join(" "), kind: "database" };
  }
  const aws = first(attributes, "aws.service", "aws_service", "aws.agent");
  const name = named || (aws && `aws ${aws.replace(/^aws\.?/i, "").toLowerCase()}`) || first(attributes, "rpc.service");
  return name || host ? { name: name || host, kind: "external" } : undefined;
}

function first(attributes: Attributes, ...keys: string[]): string {
  for (const key of keys) {
    const text = Object.hasOwn(attributes, key) ? textOfValue(attributes[key] as AnyValue) : "";
    if (text) return text;
  }
  return "";
}

function hostOf(url: string): string {
  return /^[a-z][a-z0-9+.-]{0,20}:\/\/(?:[^@/?#]{0,200}@)?([^/?#]{1,253})/i.exec(url)?.[1] ?? "";
}
