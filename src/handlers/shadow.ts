/**
 * Shadow mode: what would be sent for a delivery, beside what the Datadog Forwarder would send for it, item by item. Nothing
 * is sent or stored. Loaded only where it is switched on.
 */
import { gunzipSync } from "node:zlib";
import type { Config } from "../config.ts";
import { closeLedger, count, countLinks, type Ledger, openLedger } from "../delivery/ledger.ts";
import { ByteWriter } from "../destinations/byte-writer.ts";
import {
  type DatadogForwarderEnd,
  type DecodedDelivery,
  datadogForwarderEnds,
} from "../destinations/datadog-forwarder-items.ts";
import { differencesOf } from "../destinations/datadog-item-differences.ts";
import { datadogLogs } from "../destinations/datadog-logs.ts";
import { type Reading, readTelemetry } from "../pipeline.ts";
import { type Forwarder, GENERATION_KEY, type Resource } from "../telemetry.ts";
import { loadTransforms } from "./transforms.ts";

/** Of one delivery; CloudWatch's are below 20 MB. */
const MAX_DELIVERY_BYTES = 64 * 1024 * 1024;

/** Counts alone: contents never show. */
export interface ShadowReport {
  /** Items that both would send, and those of them that say the same. */
  compared: number;
  same: number;
  /** Differences that nothing explains: by field, then by kind. `item` stands for a whole one. */
  differences: Record<string, Record<string, number>>;
  /** Differences that are meant, by the page that says why. */
  intended: Record<string, number>;
  /** What no comparison is made of. */
  notCompared: Record<string, number>;
}

type Item = Record<string, unknown>;

/** One of the differences that the report counts, with contents: for whoever looks at a sample of their own. */
export interface SeenDifference {
  logGroup: string;
  logStream: string;
  /** Which log event of its delivery, from 1. */
  event: number;
  field: string;
  kind: string;
  /** Why it is meant; "" = nothing explains it. */
  meant: string;
  /** The whole items; undefined: this side has none. */
  ours: Item | undefined;
  theirs: Item | undefined;
}

/** Ours, of one event. */
interface Ours {
  /** By the id of the log event; a line that holds several log records has several. */
  items: Map<string, Item[]>;
  /** Messages that are sent as spans. */
  traceLines: Set<string>;
  /** By log group and log stream. */
  resources: Map<string, Resource>;
}

/**
 * Compares, and prints the ledger with the report in it. What cannot be read fails as it would without shadow mode.
 *
 * @param seen gets each difference with its contents, which a deployed function must not print
 * @returns what Lambda is answered: Firehose gets its records back as they came
 */
export async function shadow(
  event: unknown,
  config: Config,
  forwarder: Forwarder,
  write: (line: string) => void,
  seen: (difference: SeenDifference) => void = () => undefined,
): Promise<unknown> {
  const ledger = openLedger();
  const report: ShadowReport = { compared: 0, same: 0, differences: {}, intended: {}, notCompared: {} };
  const deliveries = deliveriesIn(event);
  if (deliveries.length > 0) {
    const ours = await oursOf(event, config, forwarder, ledger, report);
    for (const delivery of deliveries) compare(delivery, ours, config, forwarder, report, seen);
  } else count(report.notCompared, "an event that is no delivery of CloudWatch Logs", 1);
  const line = { message: "ledger", [GENERATION_KEY]: 0, ledger: { ...closeLedger(ledger), shadow: report } };
  write(`${JSON.stringify(line)}\n`);
  return firehoseAnswer(event);
}

async function oursOf(
  event: unknown,
  config: Config,
  forwarder: Forwarder,
  ledger: Ledger,
  report: ShadowReport,
): Promise<Ours> {
  const ours: Ours = { items: new Map(), traceLines: new Set(), resources: new Map() };
  const logs = datadogLogs(config, forwarder);
  const options = { transforms: await loadTransforms(config), source: config.source, memory: {} };
  const to = new ByteWriter();
  for await (const reading of readTelemetry(event, forwarder, [], options)) {
    enter(reading, ledger, report);
    for (const part of reading.telemetry) {
      const { attributes } = part.resource;
      ours.resources.set(keyOf(attributes["aws.log.group.names"], attributes["aws.log.stream.names"]), part.resource);
      for (const { message, messageEnd } of part.tracePayloads) {
        if (message === undefined) continue;
        ours.traceLines.add(JSON.parse(`"${part.slice.bytes.toString("utf8", message, messageEnd)}"`));
      }
      if (!config.forwardLog) continue;
      await logs.prepare?.(part);
      const items = logs.encode(part);
      for (let index = 0; index < items.count; index++) {
        to.reset();
        items.write(index, to);
        const item: Item = JSON.parse(to.view().toString());
        const id = String(item.id);
        ours.items.set(id, [...(ours.items.get(id) ?? []), item]);
      }
    }
  }
  return ours;
}

/** Into the books, as skipped: nothing of it is offered to a destination. */
function enter({ events, dropped, telemetry }: Reading, ledger: Ledger, report: ShadowReport): void {
  ledger.events += events;
  for (const [reason, number] of Object.entries(dropped)) count(ledger.dropped, reason, number);
  for (const { logs, tracePayloads, metrics, unpacked = 0 } of telemetry) {
    ledger.logs += logs.length;
    countLinks(ledger, logs);
    ledger.unpacked += unpacked;
    for (const { isDerived, traces } of tracePayloads) {
      ledger[isDerived ? "derivedSpans" : "traceLines"]++;
      for (const { spanCount } of traces) {
        if (!isDerived) ledger.spans += spanCount;
        count(report.notCompared, "spans", spanCount);
      }
    }
    for (const { isLine } of metrics) ledger[isLine ? "metricLines" : "derivedMetrics"]++;
    count(report.notCompared, "metrics", metrics.length);
    count(ledger.skipped, "SHADOW_MODE", logs.length + tracePayloads.length + metrics.length);
  }
}

function compare(
  delivery: DecodedDelivery,
  { items, traceLines, resources }: Ours,
  config: Config,
  forwarder: Forwarder,
  report: ShadowReport,
  seen: (difference: SeenDifference) => void,
): void {
  const { logGroup, logStream } = delivery;
  const resource = resources.get(keyOf(logGroup, logStream));
  const { tags, source } = config;
  const given = { tags, source, logGroupTags: resource?.tags ?? [], functionTags: resource?.functionTags ?? [] };
  const isElsewhere = delivery.owner !== forwarder.functionArn.split(":")[4];
  const leaveOut = new Set(isRewritten(config) ? ["message"] : []);
  const isFiltered = config.includeAtMatch !== "" || config.excludeAtMatch !== "";
  for (const [index, end] of datadogForwarderEnds(delivery, given, forwarder).entries()) {
    const event = delivery.logEvents[index] as DecodedDelivery["logEvents"][number];
    const [item, ...more] = items.get(String(event.id)) ?? [];
    count(report.intended, "docs/mapping.md: log records of one line are logs of their own", more.length);
    const theirs = end.kind === "log" ? end.item : undefined;
    const differ = (field: string, kind: string, meant = ""): void => {
      if (meant) count(report.intended, meant, 1);
      else {
        report.differences[field] ??= {};
        count(report.differences[field], kind, 1);
      }
      seen({ logGroup, logStream, event: index + 1, field, kind, meant, ours: item, theirs });
    };
    if (theirs && item) {
      report.compared++;
      if (leaveOut.size > 0) count(report.notCompared, "messages, which settings change", 1);
      const differences = differencesOf(item, theirs, leaveOut);
      if (differences.length === 0) report.same++;
      for (const { field, kind } of differences) differ(field, kind, whyMeant(field, kind, more.length > 0));
      continue;
    }
    const reason = whyOneAlone(end, item, event.message);
    if (reason !== "") differ("item", item ? "only ours" : "only theirs", reason);
  }

  /** Why a field is meant to differ; undefined: it is not. */
  function whyMeant(field: string, kind: string, isUnpacked: boolean): string | undefined {
    if (field === "dd" && kind === "only ours") return "docs/correlation.md: the log is tied to its trace";
    if (field === "sampling" && kind === "only ours") return "decision 34: logs are sampled";
    if (isElsewhere && ["host", "lambda.arn", "ddtags.aws_account"].includes(field)) {
      return `decision 6: the account is the log group's (${field})`;
    }
    if (isUnpacked && field === "message") return "docs/mapping.md: log records of one line are logs of their own";
    return undefined;
  }

  /** Why only one of the two sends a log: "" where both send no log, undefined where nothing explains it. */
  function whyOneAlone(end: DatadogForwarderEnd, item: Item | undefined, message: string): string | undefined {
    if (!item && (end.kind === "trace" || end.kind === "metric")) return "";
    if (end.kind === "oversized") return item ? "docs/parity.md: items over 512,000 bytes are not lost" : "";
    if (end.kind === "failure") return item ? "docs/parity.md: tags that are no text fail no delivery" : "";
    if (item) return undefined;
    if (traceLines.has(message)) return "decision 28: lines of any tracer are spans";
    if (!config.forwardLog) return "setting DD_FORWARD_LOG";
    if (delivery.logGroup === forwarder.logGroup) return "docs/subscribing.md: a forwarder's own log is not forwarded";
    if (isFiltered) return "setting INCLUDE_AT_MATCH or EXCLUDE_AT_MATCH";
    if (config.logSamplingRate < 1) return "decision 34: logs are sampled";
    if (config.multilinePattern) return "setting DD_MULTILINE_LOG_REGEX_PATTERN";
    return undefined;
  }
}

/** What the Datadog Forwarder does to messages by the same settings is not in the model. */
function isRewritten({ redactIp, redactEmail, scrubbingRule, multilinePattern, source }: Config): boolean {
  return redactIp || redactEmail || scrubbingRule !== "" || multilinePattern !== "" || source === "waf";
}

function keyOf(logGroup: string | undefined, logStream: string | undefined): string {
  return JSON.stringify([logGroup, logStream]);
}

/** The deliveries of CloudWatch Logs in an event, straight or in records of Kinesis; what is none is left out. */
export function deliveriesIn(event: unknown): DecodedDelivery[] {
  const { awslogs, Records } = (event ?? {}) as { awslogs?: { data?: unknown }; Records?: unknown };
  const contents = awslogs
    ? [awslogs.data]
    : (Array.isArray(Records) ? Records : []).map((record: { kinesis?: { data?: unknown } }) => record?.kinesis?.data);
  return contents.flatMap((content) => {
    try {
      const json = gunzipSync(Buffer.from(String(content), "base64"), { maxOutputLength: MAX_DELIVERY_BYTES });
      const delivery: DecodedDelivery = JSON.parse(json.toString());
      return delivery.messageType === "DATA_MESSAGE" && Array.isArray(delivery.logEvents) ? [delivery] : [];
    } catch {
      return [];
    }
  });
}

/** Without an answer for each record Firehose would count them as failed. */
function firehoseAnswer(event: unknown): unknown {
  const { deliveryStreamArn, records } = (event ?? {}) as { deliveryStreamArn?: unknown; records?: unknown };
  if (deliveryStreamArn === undefined || !Array.isArray(records)) return undefined;
  return { records: records.map(({ recordId, data }) => ({ recordId, result: "Ok", data })) };
}
