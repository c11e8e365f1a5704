/**
 * Logs by OpenTelemetry's protocol. An item is one log record; the records of one resource travel in one group.
 *
 * Limits: the protocol has none below 64 MB; gateways in front of backends often have 4 MB and more. Memory has one too:
 * stored items bring their resource each.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { messageOf } from "../formats/message.ts";
import {
  attributesOfTags,
  type GivenAttributes,
  resourceAttributesOf,
  type ServiceGiven,
  scopeOfForwarder,
  withService,
} from "../formats/otlp-resource.ts";
import { isSameTrace } from "../formats/trace-ids.ts";
import type { Attributes, Forwarder, InstrumentationScope, LogRecord, Resource, Slice } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Destination, Group } from "./destination.ts";
import { LOG_SPELLINGS } from "./otlp-log-groups.ts";
import { recordOf, type WrittenRecord } from "./otlp-log-record.ts";
import { otlpOutcome } from "./otlp-outcome.ts";
import { OTLP_HEADERS, type OtlpSettings } from "./otlp-settings.ts";

export interface OtlpLogSettings extends GivenAttributes {
  /** What a message becomes that is a JSON object. */
  jsonLogs: "attributes" | "string";
}

const LIMITS = { maxItems: 5_000, maxBytes: 4_000_000 };
/** What is left of a record that alone would pass the limit. Escaped, a character of JSON takes six bytes at most. */
const MAX_RECORD_BYTES = 3_900_000;
const MAX_CUT_CHARACTERS = 500_000;
/** A resource's log records are of few services. */
const MAX_GROUPS = 100;

/** @param nowUnixMs the clock */
export function otlpLogs(
  { name, backend, url, protocol }: OtlpSettings,
  { jsonLogs, ...given }: OtlpLogSettings,
  forwarder: Forwarder,
  nowUnixMs: () => number = Date.now,
): Destination {
  const spelling = LOG_SPELLINGS[protocol];
  const fromTags = attributesOfTags(given.tags);
  const scope = scopeOfForwarder(forwarder.version);
  // The slices of a log stream come one after the other with one resource.
  let last: Resource | undefined;
  const groups = new Map<string, Group>();
  let lines: typeof import("./otlp-access-log.ts") | undefined;
  return {
    name,
    backend,
    kind: "logs",
    url,
    headers: OTLP_HEADERS[protocol],
    limits: LIMITS,
    framing: spelling.framing,
    prepare({ resource }) {
      return lines || !isOfObject(resource) ? undefined : loadLines();
    },
    encode({ resource, slice, logs }) {
      if (last !== resource) groups.clear();
      last = resource;
      const observedTimeUnixNano = BigInt(nowUnixMs()) * 1_000_000n;
      return {
        count: logs.length,
        groupOf: (index) => groupOf(logs[index] as LogRecord, resource),
        write(index, to) {
          const record = logs[index] as LogRecord;
          const written = recordOf(record, slice, observedTimeUnixNano, jsonLogs === "attributes");
          const takesApart = jsonLogs === "attributes" && isOfObject(resource);
          writeBounded((takesApart && lines?.withFields(written, record, slice)) || written, record, slice, to);
        },
      };
    },
    outcome: otlpOutcome,
  };

  async function loadLines(): Promise<void> {
    lines = await import("./otlp-access-log.ts");
  }

  function groupOf(record: LogRecord, resource: Resource): Group {
    const { otlp } = record;
    if (otlp) {
      return group(stringOf([otlp.resource, otlp.scope]), () => [{ ...fromTags, ...otlp.resource }, otlp.scope]);
    }
    const said = serviceOf(record);
    return group(`${said.service}\n${said.env}\n${said.version}`, () => [
      withService(resourceAttributesOf(resource, given), said),
      scope,
    ]);
  }

  function group(key: string, make: () => [Attributes, InstrumentationScope]): Group {
    const known = groups.get(key);
    if (known) return known;
    if (groups.size >= MAX_GROUPS) groups.clear();
    const made = spelling.groupOf(...make());
    groups.set(key, made);
    return made;
  }

  function writeBounded(written: WrittenRecord, record: LogRecord, slice: Slice, to: ByteWriter): void {
    const start = to.length;
    spelling.write(written, to);
    if (to.length - start <= MAX_RECORD_BYTES) return;
    to.truncate(start);
    const body = messageOf(record, slice);
    const uid = written.attributes["log.record.uid"] ?? null;
    const cut = {
      ...written,
      body: body.slice(0, MAX_CUT_CHARACTERS),
      attributes: { "log.record.uid": uid, "log.record.original_length": BigInt(body.length) },
      droppedAttributesCount: Math.max(0, Object.keys(written.attributes).length - 1),
    };
    spelling.write(cut, to);
  }
}

function isOfObject({ attributes }: Resource): boolean {
  return attributes["aws.s3.key"] !== undefined;
}

/** What the line says of its service, and of the same trace its request. */
export function serviceOf({ context, invocation }: LogRecord): ServiceGiven {
  const known =
    invocation && (!context?.traceId || isSameTrace(invocation.traceId, context.traceId)) ? invocation : undefined;
  return {
    service: context?.service || known?.service || "",
    env: context?.env || known?.env || "",
    version: context?.version || known?.version || "",
  };
}

/** The same for equal attributes in one order. */
function stringOf(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `${item}n` : item));
}
