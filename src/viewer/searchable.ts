/** Spans and logs as the query language sees them. */
import { isJsonObject } from "../formats/json-object.ts";
import type { AnyValue, Attributes } from "../telemetry.ts";
import { jsonOfValue, textOfValue } from "./any-value.ts";
import type { FieldName, Searchable } from "./query.ts";
import type { ReceivedLog, ReceivedSpan } from "./received.ts";
import { durationMsOf } from "./span-time.ts";

const KINDS = ["", "internal", "server", "client", "producer", "consumer"] as const;

export function kindName(kind: number): string {
  return KINDS[kind] ?? "";
}

export function searchableSpan(span: ReceivedSpan): Searchable {
  const { service, resource, name, status, kind, type, origin, attributes } = span;
  return {
    field(field: FieldName): string {
      switch (field) {
        case "service":
          return service;
        case "resource":
          return resource;
        case "name":
          return name;
        case "status":
          return status;
        case "kind":
          return kindName(kind);
        case "type":
          return type;
        case "source":
          return origin.source;
        case "function":
          return origin.functionName || textOf(attributes, "functionname") || textOf(attributes, "faas.name");
        case "group":
          return origin.logGroup;
        case "request":
          return textOf(attributes, "request_id") || textOf(attributes, "faas.invocation_id");
        case "span":
          return span.spanId;
      }
    },
    durationMs: () => durationMsOf(span),
    traceId: () => span.traceId,
    *texts() {
      yield service;
      yield name;
      yield resource;
      if (span.error) yield* [span.error.type, span.error.message];
      for (const key of Object.keys(attributes))
        if (typeof attributes[key] === "string") yield attributes[key] as string;
    },
    tag: (path) => valueAt(attributes, path) ?? valueAt(origin.attributes, path),
  };
}

/** The tags of a log are its attributes, what its resource says, and the fields of its message where that is JSON. */
export function searchableLog(log: ReceivedLog): Searchable {
  const { service, severity, origin, attributes, body } = log;
  return {
    field(field: FieldName): string {
      switch (field) {
        case "service":
          return service;
        case "status":
          return severity;
        case "source":
          return origin.source;
        case "function":
          return origin.functionName;
        case "group":
          return origin.logGroup;
        case "request":
          return log.requestId;
        case "span":
          return log.spanId ?? "";
        default:
          return "";
      }
    },
    durationMs: () => undefined,
    traceId: () => log.traceId ?? "",
    *texts() {
      yield body;
    },
    tag: (path) => valueAt(attributes, path) ?? valueAt(origin.attributes, path) ?? valueAt(fieldsOf(body) ?? {}, path),
  };
}

/** What a JSON message says besides; undefined where the message is none. */
export function fieldsOf(body: string): Record<string, unknown> | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const json: unknown = JSON.parse(body);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** A key may have dots in it, and values may be nested: `a.b.c` is what stands under `a.b.c`, or under `b.c` in `a`, … */
function valueAt(values: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(values, path)) return jsonOfValue(values[path] as AnyValue);
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const front = path.slice(0, dot);
    const inner = Object.hasOwn(values, front) ? values[front] : undefined;
    if (!isJsonObject(inner) || inner instanceof Uint8Array) continue;
    const value = valueAt(inner, path.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

function textOf(attributes: Attributes, key: string): string {
  return Object.hasOwn(attributes, key) ? textOfValue(attributes[key]) : "";
}
