/**
 * Reads X-Ray's segment documents. A segment is the span of a server, a subsegment of a namespace (`aws`, `remote`) that of
 * a client, any other an internal one. Names are OpenTelemetry's, and the collector's where that has none.
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/awsxrayreceiver
 */
import type { Attributes, OtlpSpan, OtlpSpanEvent, ResourceSpans } from "../telemetry.ts";
import { parseExactly } from "./exact-json.ts";
import { isLeftOut, type JsonObject, object, objects, text } from "./json-fields.ts";
import { isJsonObject } from "./json-object.ts";
import { MalformedError, unlessMalformed } from "./malformed.ts";
import { messageIn } from "./message.ts";
import { parentSpanIdOf, spanIdOf } from "./otlp-ids.ts";
import { payloadOf } from "./otlp-payload.ts";
import { attributesOfPlain } from "./plain-values.ts";
import type { TraceReader } from "./trace-format.ts";
import { traceIdFromXRay } from "./trace-ids.ts";

const DAEMON_HEADER = /^\s*\{\s*"format"\s*:\s*"json"\s*,\s*"version"\s*:\s*1\s*\}\s*/;
const [INTERNAL, SERVER, CLIENT] = [1, 2, 3] as const;
const [UNSET, ERROR] = [0, 2] as const;
const LAMBDA = "AWS::Lambda";
/** By the beginning of a segment's origin. */
const PLATFORMS: [string, string][] = [
  [LAMBDA, "aws_lambda"],
  ["AWS::EC2", "aws_ec2"],
  ["AWS::ECS", "aws_ecs"],
  ["AWS::EKS", "aws_eks"],
  ["AWS::ElasticBeanstalk", "aws_elastic_beanstalk"],
  ["AWS::AppRunner", "aws_app_runner"],
];

/** What the parts of a segment are called; what is not among them gets the prefix. */
const REQUEST_NAMES = new Map([
  ["method", "http.request.method"],
  ["url", "url.full"],
  ["user_agent", "user_agent.original"],
  ["client_ip", "client.address"],
]);
const RESPONSE_NAMES = new Map([
  ["status", "http.response.status_code"],
  ["content_length", "http.response.body.size"],
]);
const AWS_NAMES = new Map([
  ["account_id", "cloud.account.id"],
  ["region", "cloud.region"],
  ["operation", "rpc.method"],
  ["request_id", "aws.request_id"],
  ["queue_url", "aws.sqs.queue.url"],
  ["function_arn", "cloud.resource_id"],
]);
const SQL_NAMES = new Map([
  ["sanitized_query", "db.query.text"],
  ["database_type", "db.system.name"],
  ["user", "db.user"],
  ["url", "db.connection_string"],
]);

export const reader: TraceReader = {
  read(event, slice) {
    const segment = parseExactly(messageIn(event, slice).replace(DAEMON_HEADER, ""));
    if (!isJsonObject(segment) || typeof segment.trace_id !== "string") return undefined;
    const traceId = traceIdFromXRay(segment.trace_id);
    if (!traceId) return undefined;
    if (segment.in_progress === true) {
      // It is written again when it has ended.
      return unlessMalformed(() => identityOf(segment)) && { dropped: "unfinishedSpan" };
    }
    return unlessMalformed(() => payloadOf([resourceSpansOf(segment, traceId)]));
  },
};

function resourceSpansOf(segment: JsonObject, traceId: string): ResourceSpans {
  const { sdk, sdk_version } = object(object(segment.aws).xray);
  return {
    attributes: resourceOf(segment),
    droppedAttributesCount: 0,
    schemaUrl: "",
    scopeSpans: [
      {
        scope: { name: text(sdk), version: text(sdk_version), attributes: {}, droppedAttributesCount: 0 },
        schemaUrl: "",
        spans: spansOf(segment, traceId),
      },
    ],
  };
}

function resourceOf(segment: JsonObject): Attributes {
  const origin = text(segment.origin);
  const platform = PLATFORMS.find(([start]) => origin.startsWith(start))?.[1];
  const version = text(object(segment.service).version);
  return {
    "cloud.provider": "aws",
    ...(platform && { "cloud.platform": platform }),
    ...(isSubsegment(segment) ? {} : { "service.name": text(segment.name) }),
    ...(version && { "service.version": version }),
  };
}

/** The document and all below it. What has not ended is left out with all below it: it comes again. */
function spansOf(document: JsonObject, traceId: string): OtlpSpan[] {
  const spans: OtlpSpan[] = [];
  // Not by recursion: how deep a document goes is its own affair.
  const waiting: { segment: JsonObject; parentSpanId: string }[] = [
    { segment: document, parentSpanId: parentSpanIdOf(text(document.parent_id)) },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { segment, parentSpanId } = next;
    if (segment.in_progress === true) continue;
    const span = spanOf(segment, traceId, parentSpanId, segment === document && !isSubsegment(document));
    spans.push(span);
    for (const inner of objects(segment.subsegments).toReversed()) {
      waiting.push({ segment: inner, parentSpanId: span.spanId });
    }
  }
  return spans;
}

function spanOf(segment: JsonObject, traceId: string, parentSpanId: string, isSegment: boolean): OtlpSpan {
  const endTimeUnixNano = nanoOf(segment.end_time);
  const isError = [segment.error, segment.fault, segment.throttle].includes(true);
  const events = exceptionsOf(segment.cause, endTimeUnixNano);
  const message = isError ? events[0]?.attributes["exception.message"] : "";
  return {
    ...identityOf(segment),
    traceId,
    parentSpanId,
    traceState: "",
    flags: 0,
    kind: isSegment ? SERVER : text(segment.namespace) ? CLIENT : INTERNAL,
    endTimeUnixNano,
    attributes: attributesOf(segment),
    droppedAttributesCount: 0,
    events,
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: isError ? ERROR : UNSET, message: typeof message === "string" ? message : "" },
  };
}

/** What every segment has. @throws {MalformedError} */
function identityOf({ id, name, start_time }: JsonObject): Pick<OtlpSpan, "spanId" | "name" | "startTimeUnixNano"> {
  if (typeof name !== "string") throw new MalformedError();
  return { spanId: spanIdOf(text(id)), name, startTimeUnixNano: nanoOf(start_time) };
}

/** From seconds. A double has room for their microseconds. */
function nanoOf(seconds: unknown): bigint {
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds < 2 ** 33)) throw new MalformedError();
  return BigInt(Math.round(seconds * 1e6)) * 1_000n;
}

function isSubsegment({ type }: JsonObject): boolean {
  return type === "subsegment";
}

function attributesOf(segment: JsonObject): Attributes {
  const { request, response } = object(segment.http);
  const { xray, table_name, ...aws } = object(segment.aws);
  const origin = text(segment.origin);
  const user = text(segment.user);
  const isAws = segment.namespace === "aws";
  const attributes: Attributes = {
    ...attributesOfPlain(object(segment.annotations)),
    ...metadataOf(object(segment.metadata)),
    ...named(object(request), REQUEST_NAMES, "http.request."),
    ...named(object(response), RESPONSE_NAMES, "http.response."),
    ...named(aws, AWS_NAMES, "aws."),
    ...named(object(segment.sql), SQL_NAMES, "aws.xray.sql."),
    ...(typeof table_name === "string" && { "aws.dynamodb.table_names": [table_name] }),
    ...(isAws && { "rpc.system": "aws-api", "rpc.service": text(segment.name) }),
    ...(origin && { "aws.xray.origin": origin }),
    ...(user && { "enduser.id": user }),
  };
  const requestId = attributes["aws.request_id"];
  return origin.startsWith(LAMBDA) && requestId ? { ...attributes, "faas.invocation_id": requestId } : attributes;
}

function named(fields: JsonObject, names: Map<string, string>, prefix: string): Attributes {
  const entries = Object.entries(attributesOfPlain(fields));
  return Object.fromEntries(entries.map(([key, value]) => [names.get(key) ?? prefix + key, value]));
}

/** Each namespace as JSON. */
function metadataOf(metadata: JsonObject): Attributes {
  const exact = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
  return Object.fromEntries(
    Object.entries(metadata).map(([namespace, value]) => [`aws.xray.metadata.${namespace}`, jsonOf(value, exact)]),
  );
}

/** @throws {MalformedError} where it is nested too deep */
function jsonOf(value: unknown, replace: (key: string, value: unknown) => unknown): string {
  try {
    return JSON.stringify(value, replace);
  } catch {
    throw new MalformedError();
  }
}

/** A cause that is an id names exceptions of another segment. */
function exceptionsOf(cause: unknown, timeUnixNano: bigint): OtlpSpanEvent[] {
  if (isLeftOut(cause) || typeof cause === "string") return [];
  return objects(object(cause).exceptions).map((exception): OtlpSpanEvent => {
    const [type, message] = [text(exception.type), text(exception.message)];
    const stack = objects(exception.stack).map(
      ({ label, path, line }) => `    at ${label ?? ""} (${path ?? ""}:${line ?? ""})`,
    );
    return {
      timeUnixNano,
      name: "exception",
      attributes: {
        ...(type && { "exception.type": type }),
        ...(message && { "exception.message": message }),
        ...(stack.length > 0 && { "exception.stacktrace": [`${type}: ${message}`, ...stack].join("\n") }),
      },
      droppedAttributesCount: 0,
    };
  });
}
