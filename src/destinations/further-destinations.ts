/** The destinations beside those that the variables make of Datadog. Loaded only where there are any. */
import type { Forwarder } from "../telemetry.ts";
import type { Destination, Kind } from "./destination.ts";
import { type OtlpDestinationSettings, otlpDestinations } from "./otlp-destinations.ts";
import type { OtlpSettings } from "./otlp-settings.ts";

interface Common {
  name: string;
  signals: readonly Kind[];
}

/** What it says wins over what the variables say of Datadog. */
interface DatadogEntry extends Common {
  type: "datadog";
  site: string;
}

interface OtlpEntry extends Common {
  type: "otlp";
  endpoint: string;
  protocol: OtlpSettings["protocol"];
  timeoutMs: number;
  jsonLogs: "attributes" | "string";
}

interface S3Entry extends Common {
  type: "s3";
}

export type TableEntry = DatadogEntry | OtlpEntry | S3Entry;

export interface FurtherSettings {
  tags: string;
  source: string;
  /** What the variables say of OpenTelemetry's protocol; null: nothing is sent by it. */
  otlp: Omit<OtlpDestinationSettings, "tags" | "source"> | null;
  /** The entries of the table. */
  destinations: readonly TableEntry[];
}

/**
 * The variables' own, and each entry's in the order of the table, one for each signal: `<name>-logs`, `<name>-traces`, …
 *
 * @param settings those of Datadog too, which an entry of that type varies
 * @param makeDatadogs makes Datadog's
 */
export async function furtherDestinations<Settings extends FurtherSettings>(
  settings: Settings,
  forwarder: Forwarder,
  makeDatadogs: (settings: Settings, forwarder: Forwarder) => Destination[],
): Promise<Destination[]> {
  const { otlp, destinations, tags, source } = settings;
  const variables = otlp ? otlpDestinations({ ...otlp, tags, source }, forwarder) : [];
  const entries = destinations.map(async (entry) => {
    const made = await makeEntrys(entry);
    return made
      .filter(({ kind }) => entry.signals.includes(kind))
      .map((it) => ({ ...it, name: `${entry.name}-${it.kind}`, backend: entry.name, form: it.name }));
  });
  return [...variables, ...(await Promise.all(entries)).flat()];

  async function makeEntrys(entry: TableEntry): Promise<Destination[]> {
    if (entry.type === "datadog") return makeDatadogs({ ...settings, ...entry }, forwarder);
    if (entry.type === "s3") return (await import("./archive.ts")).archiveDestinations({ tags, source });
    const { endpoint, protocol, timeoutMs, jsonLogs, name: backend } = entry;
    const signals = entry.signals.map((signal) => {
      return { signal, backend, url: `${endpoint}/v1/${signal}`, protocol, timeoutMs };
    });
    return otlpDestinations({ signals, jsonLogs, tags, source }, forwarder);
  }
}
