import { originOf } from "../../src/viewer/origin.ts";
import type { Origin, ReceivedLog, ReceivedSpan } from "../../src/viewer/received.ts";

export const aTraceId = "6b00f9d500000000414ae78d188f3825";

export function anOrigin(attributes: Origin["attributes"] = {}): Origin {
  return originOf({ "service.name": "a-service", ...attributes });
}

/** A span as the intake got it: a root of one millisecond, unless parts of it say otherwise. */
export function aReceivedSpan(span: Partial<ReceivedSpan> = {}): ReceivedSpan {
  return {
    traceId: aTraceId,
    spanId: "651c77517ea37a55",
    parentId: null,
    service: "a-service",
    name: "a-span",
    resource: "",
    type: "",
    kind: 0,
    status: span.error ? "error" : "unset",
    startTimeUnixNano: 0n,
    durationNano: 1_000_000n,
    error: null,
    attributes: {},
    origin: anOrigin(),
    events: [],
    links: [],
    ...span,
  };
}

export function aReceivedLog(log: Partial<ReceivedLog> = {}): ReceivedLog {
  return {
    traceId: null,
    spanId: null,
    service: "a-service",
    body: "a log",
    timeUnixNano: 1n,
    severity: "",
    requestId: "",
    attributes: {},
    origin: anOrigin(),
    ...log,
  };
}
