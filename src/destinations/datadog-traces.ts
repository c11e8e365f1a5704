/**
 * Datadog's trace intake: protobuf `AgentPayload`, as agents post it. An item is one `TracerPayload`, the spans of one
 * trace payload line; repeated fields may be concatenated, so a body is a head and any number of items.
 *
 * The agent flushes at 3.2 MB, and so do we.
 *
 * @see https://github.com/DataDog/datadog-agent/tree/main/pkg/proto/datadog/trace
 */
import type { Forwarder, Resource } from "../telemetry.ts";
import { datadogOutcome } from "./datadog-outcome.ts";
import { type DatadogTagSettings, tagsOf } from "./datadog-tags.ts";
import type { Destination, Items } from "./destination.ts";

type TraceWriter = typeof import("./datadog-trace-payload.ts");

/** Loaded by the first delivery with a trace. */
let writer: TraceWriter | undefined;

export interface DatadogTracesSettings extends DatadogTagSettings {
  site: string;
  /** "" for the site's own. */
  traceIntakeUrl: string;
  noSsl: boolean;
}

/** Field 7, a text: `agentVersion`. */
const AGENT_VERSION = 7 * 8 + 2;

const NO_ITEMS: Items = { count: 0, write: () => undefined };

export function datadogTraces(settings: DatadogTracesSettings, forwarder: Forwarder): Destination {
  const base = settings.traceIntakeUrl || `${settings.noSsl ? "http" : "https"}://trace.agent.${settings.site}`;
  // The slices of a log stream come one after the other with one resource.
  let last: Resource | undefined;
  let tags = "";
  const agentVersion = `log-trace-forwarder/${forwarder.version}`;
  return {
    name: "datadog-traces",
    backend: "datadog",
    kind: "traces",
    url: `${base}/api/v0.2/traces`,
    headers: { "content-type": "application/x-protobuf" },
    limits: { maxItems: Number.POSITIVE_INFINITY, maxBytes: 3_200_000 },
    framing: {
      opening: Buffer.from([AGENT_VERSION, agentVersion.length, ...Buffer.from(agentVersion)]),
      separator: new Uint8Array(),
      closing: new Uint8Array(),
    },
    prepare: ({ tracePayloads }) => (writer || tracePayloads.length === 0 ? undefined : loadTraceWriter()),
    encode(telemetry) {
      const { resource, tracePayloads } = telemetry;
      if (tracePayloads.length === 0) return NO_ITEMS;
      if (last !== resource) tags = tagsOf(resource, settings, forwarder, "").ddtags;
      last = resource;
      // Loaded by now: there is a payload.
      return (writer as TraceWriter).itemsOf(telemetry, tags);
    },
    outcome: datadogOutcome,
  };
}

async function loadTraceWriter(): Promise<void> {
  writer ??= await import("./datadog-trace-payload.ts");
}
