/**
 * Traces by OpenTelemetry's protocol. An item is one trace payload line: one or more `ResourceSpans`. Repeated fields may
 * be concatenated, so a body is any number of items.
 *
 * The first `ResourceSpans` of an item can be told from those that continue it, so that items can be taken out of a stored
 * body again: in JSON a space stands before the others, in protobuf their lengths have needless bytes.
 *
 * Limit: the protocol has none below 64 MB; gateways in front of backends often have 4 MB and more.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { resourceSpansOf } from "../formats/otlp-of-datadog.ts";
import { attributesOfTags, type GivenAttributes, resourceAttributesOf } from "../formats/otlp-resource.ts";
import type { Attributes, ResourceSpans, TracePayload } from "../telemetry.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Destination, Framing } from "./destination.ts";
import { otlpOutcome } from "./otlp-outcome.ts";
import { beginLength, fillLength } from "./otlp-protobuf.ts";
import { OTLP_HEADERS, type OtlpProtocol, type OtlpSettings } from "./otlp-settings.ts";
import { resourceSpansJson, resourceSpansTo } from "./otlp-spans.ts";
import { message } from "./protobuf.ts";

/** `ExportTraceServiceRequest.resource_spans`. */
export const RESOURCE_SPANS = 1;
/** A length that takes so many bytes is that of a continuation: no item is so large that it needs them. */
export const CONTINUATION_LENGTH_BYTES = 5;

const NOTHING = new Uint8Array();
const FRAMINGS: Readonly<Record<OtlpProtocol, Framing>> = {
  "http/protobuf": { opening: NOTHING, separator: NOTHING, closing: NOTHING },
  "http/json": {
    opening: Buffer.from('{"resourceSpans":['),
    separator: Buffer.from(","),
    closing: Buffer.from("]}"),
  },
};
/** What a line is sent as that is no span at all, so that there are as many items as lines. */
const EMPTY: ResourceSpans = { attributes: {}, droppedAttributesCount: 0, schemaUrl: "", scopeSpans: [] };

export function otlpTraces({ name, backend, url, protocol }: OtlpSettings, given: GivenAttributes): Destination {
  const write = protocol === "http/json" ? jsonTo : protobufTo;
  const fromTags = attributesOfTags(given.tags);
  return {
    name,
    backend,
    kind: "traces",
    url,
    headers: OTLP_HEADERS[protocol],
    limits: { maxItems: Number.POSITIVE_INFINITY, maxBytes: 4_000_000 },
    framing: FRAMINGS[protocol],
    encode({ resource, tracePayloads }) {
      const ofStream = tracePayloads.length > 0 ? resourceAttributesOf(resource, given) : {};
      return {
        count: tracePayloads.length,
        write: (index, to) => write(spansOf(tracePayloads[index] as TracePayload, ofStream, fromTags), to),
      };
    },
    outcome: otlpOutcome,
  };
}

/**
 * What an SDK says of its resource stays, and the given tags fill it up. What was made of a log stream's lines is of the
 * log stream.
 */
function spansOf(
  { resourceSpans, isDerived, decode }: TracePayload,
  ofStream: Attributes,
  fromTags: Attributes,
): ResourceSpans[] {
  const spans =
    resourceSpans?.map((of) => ({
      ...of,
      attributes: isDerived ? { ...of.attributes, ...ofStream } : { ...fromTags, ...of.attributes },
    })) ?? resourceSpansOf(decode(), ofStream);
  return spans.length === 0 ? [EMPTY] : spans;
}

function protobufTo(spans: ResourceSpans[], to: ByteWriter): void {
  for (const [index, resourceSpans] of spans.entries()) {
    if (index === 0) {
      message(to, RESOURCE_SPANS, () => resourceSpansTo(to, resourceSpans), 0x4000);
    } else {
      const room = beginLength(to, RESOURCE_SPANS, CONTINUATION_LENGTH_BYTES);
      resourceSpansTo(to, resourceSpans);
      fillLength(to, room, CONTINUATION_LENGTH_BYTES);
    }
  }
}

function jsonTo(spans: ResourceSpans[], to: ByteWriter): void {
  to.utf8(spans.map(resourceSpansJson).join(", "));
}
