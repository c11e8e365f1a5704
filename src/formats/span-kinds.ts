/** The six kinds of spans, as Datadog spells them, and what the type of a span tells of its kind. */
import type { SpanKind } from "../telemetry.ts";

/** By number. */
export const KIND_NAMES = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

const INTERNAL: SpanKind = 1;
const KINDS = new Map<string, SpanKind>(KIND_NAMES.map((name, kind) => [name, kind as SpanKind]));

/**
 * What a span of a type does, where it does not say so itself. `http` is a call and `web` an answer, as in Datadog's tracers.
 *
 * @see https://github.com/DataDog/dd-trace-go/blob/main/ddtrace/ext/app_types.go
 */
const KINDS_OF_TYPES = new Map<string, SpanKind>([
  ["server", 2],
  ["web", 2],
  ["serverless", 2],
  ["client", 3],
  ["http", 3],
  ["sql", 3],
  ["db", 3],
  ["cache", 3],
  ["redis", 3],
  ["valkey", 3],
  ["memcached", 3],
  ["mongodb", 3],
  ["cassandra", 3],
  ["elasticsearch", 3],
  ["opensearch", 3],
  ["dynamodb", 3],
  ["producer", 4],
  ["consumer", 5],
]);

/** @param name in any letter case; "" = not said @param type of the Datadog span */
export function kindOf(name: string, type: string): SpanKind {
  return KINDS.get(name.toLowerCase()) ?? KINDS_OF_TYPES.get(type) ?? INTERNAL;
}
