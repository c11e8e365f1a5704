import type { Ledger } from "../delivery/ledger.ts";
import { jsonOfAttributes } from "../viewer/any-value.ts";
import type { Snapshot } from "../viewer/store.ts";

/** What one request to thinker-api led to. */
export interface Round {
  requestPath: string;
  requestMs: number;
  /** How many log events of how many log streams went into the forwarder. */
  events: number;
  deliveries: number;
  forwardMs: number;
  received: Snapshot;
  /** The forwarder's ledgers, one for each delivery, in order. */
  ledger: Ledger[];
}

/** The round for `--json`. Values have the names of the intake; ids are lowercase hex. */
export function roundJson({ received, ledger }: Pick<Round, "received" | "ledger">): string {
  const { services, traces, uncorrelatedLogs } = received;
  return JSON.stringify({
    services,
    traces: traces.map(({ traceId, spans, logs }) => ({
      traceId,
      spans: spans.map(({ spanId, parentId, service, name, resource, error, attributes }) => ({
        spanId,
        parentId,
        service,
        name,
        resource,
        error: error && { type: error.type, message: error.message },
        attributes: jsonOfAttributes(attributes),
      })),
      logs: logs.map(({ spanId, service, body }) => ({ spanId, service, body })),
    })),
    uncorrelatedLogs: uncorrelatedLogs.map(({ service, body }) => ({ service, body })),
    ledger,
  });
}
