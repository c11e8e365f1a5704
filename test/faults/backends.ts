/** The backends that the function sends to: where each takes what, and which log events a body of it holds. */
import type { IntakePlace } from "./faults.ts";
import { logIdsIn, otlpCopyOf, otlpLogIdsIn, otlpTraceIdsIn, traceIdsIn } from "./item-ids.ts";

export interface Backend {
  /** For the totals. */
  name: string;
  /** By path. */
  endpoints: Readonly<Record<string, Endpoint>>;
  /** How it says that it took a body. */
  taken: { status: number; body: string };
  /** Whether a request must name a key that it knows. */
  asksForKey: boolean;
}

export interface Endpoint {
  /** The name in the ledger and in the store. */
  destination: string;
  /** Where its faults are switched on. */
  place: IntakePlace;
  /** The copies in a body, one for each item. */
  idsIn(body: Buffer): string[];
}

export const DATADOG: Backend = {
  name: "intake",
  endpoints: {
    "/api/v2/logs": { destination: "datadog-logs", place: "logs", idsIn: logIdsIn },
    "/api/v0.2/traces": { destination: "datadog-traces", place: "traces", idsIn: traceIdsIn },
  },
  taken: { status: 202, body: "{}" },
  asksForKey: true,
};

export const OTLP: Backend = {
  name: "OTLP backend",
  endpoints: {
    "/v1/logs": {
      destination: "otlp-logs",
      place: "otlp-logs",
      idsIn: (body) => otlpLogIdsIn(body).map(otlpCopyOf),
    },
    "/v1/traces": {
      destination: "otlp-traces",
      place: "otlp-traces",
      idsIn: (body) => otlpTraceIdsIn(body).map(otlpCopyOf),
    },
  },
  // A protobuf message without fields has no bytes.
  taken: { status: 200, body: "" },
  asksForKey: false,
};

/** By the name of a destination. @throws {Error} for a name that is nobody's */
export function endpointOf(destination: string): Endpoint {
  for (const { endpoints } of [DATADOG, OTLP]) {
    for (const endpoint of Object.values(endpoints)) if (endpoint.destination === destination) return endpoint;
  }
  throw new Error(`no backend is called ${destination}`);
}
