/** The verbs, in order: event → telemetry. Nothing here sends or reads the environment. */
import { generationIn } from "./formats/generation.ts";
import { NotLoadedError } from "./formats/not-loaded.ts";
import { createSpanTable } from "./formats/span-table.ts";
import { readEvent } from "./sources/index.ts";
import type { LoadReach } from "./sources/source.ts";
import type { AtOnce, Forwarder, LogEventBatch, Resource, ResourceTelemetry, Span, SpanTable } from "./telemetry.ts";
import { findLinks } from "./transforms/correlate.ts";
import { enhance, mayTellMetrics } from "./transforms/enhance.ts";
import type { Findings } from "./transforms/findings.ts";
import type { ObfuscationSettings } from "./transforms/obfuscate.ts";
import { parse } from "./transforms/parse.ts";
import type { RequestMemory } from "./transforms/recollection.ts";
import { wholeRequests } from "./transforms/request-boundary.ts";
import { resourceOf } from "./transforms/resource.ts";
import { type FindTags, withTags } from "./transforms/resource-tags.ts";
import { split } from "./transforms/split.ts";

export type { Reach, Unfinished } from "./sources/source.ts";

/** The log of a forwarder is forwarded where that forwards no other forwarder's. */
const MAX_GENERATION = 0;

/** What a part of a Lambda event became, and how many log events it held. */
export interface Reading {
  events: number;
  /** Events that went no further, by reason. */
  dropped: Record<string, number>;
  telemetry: ResourceTelemetry[];
  /** Of the forwarders whose lines are among the telemetry, the highest; -1 = there are none. */
  generation: number;
}

/**
 * A change that a setting asks for. What it leaves out it counts in `dropped`, by reason.
 *
 * @returns the same telemetry changed, or other telemetry of the same slice
 */
export type Transform = (
  telemetry: ResourceTelemetry,
  dropped: Record<string, number>,
) => ResourceTelemetry | Promise<ResourceTelemetry>;

/** What settings ask for. */
export interface ReadingOptions {
  /** In their order. */
  transforms?: readonly Transform[];
  /** Of everything; "" for what is found. */
  source?: string;
  /** Asked once for each resource. */
  findTags?: FindTags | undefined;
  /** What earlier deliveries told of requests. */
  memory?: RequestMemory;
  /** What sources need that read more than the event. */
  loadReach?: LoadReach | undefined;
}

/**
 * Reads an event part by part, so that memory does not grow with it. A part is valid until the next is asked for.
 *
 * @param event what Lambda handed over
 * @param freeTables memory for spans that nobody uses; it stays with the process
 * @throws {UnreadableEventError}
 */
export async function* readTelemetry(
  event: unknown,
  forwarder: Forwarder,
  freeTables: SpanTable[],
  options: ReadingOptions = {},
): AsyncGenerator<Reading> {
  const { memory = {} } = options;
  const resources = new Map<string, Resource>();
  const table = freeTables.pop() ?? createSpanTable();
  let failure: unknown;
  memory.recollection?.begin();
  try {
    const parts = readEvent(event, wholeRequests, options.loadReach);
    for await (const { events, dropped, batches, goesOn = false } of parts) {
      const reading = aReading(events, { ...dropped });
      for (const batch of batches) await take(batch, goesOn, reading);
      yield reading;
    }
  } catch (error) {
    failure = error;
  } finally {
    freeTables.push(table);
  }
  if (memory.recollection) {
    const reading = aReading(0, {});
    for (const telemetry of await memory.recollection.release(memory.shared)) await finish(telemetry, reading);
    yield reading;
  }
  if (failure) throw failure;

  async function take(batch: LogEventBatch, goesOn: boolean, reading: Reading): Promise<void> {
    const generation = generationIn(batch.slice.text);
    // A forwarder that forwards its own log feeds itself, also where another one stands between.
    const refusal =
      batch.logGroup && batch.logGroup === forwarder.logGroup
        ? "ownLogGroup"
        : generation > MAX_GENERATION && "forwarderLoop";
    if (refusal) {
      reading.dropped[refusal] = (reading.dropped[refusal] ?? 0) + batch.logEvents.length;
      return;
    }
    reading.generation = Math.max(reading.generation, generation);
    const key = keyOf(batch);
    const resource =
      resources.get(key) ?? (await withTags(resourceOf(batch, forwarder, options.source), options.findTags));
    resources.set(key, resource);
    const { telemetry, findings } = await understood(batch, resource);
    const { dropped } = telemetry;
    for (const reason in dropped) {
      reading.dropped[reason] = (reading.dropped[reason] ?? 0) + (dropped[reason] as number);
    }
    if (findings.tells || memory.recollection || memory.shared) {
      memory.recollection ??= new (await import("./transforms/recollection.ts")).Recollection();
      await memory.recollection.take(key, telemetry, findings, goesOn, memory.shared);
    }
    await finish(telemetry, reading);
  }

  async function finish(given: ResourceTelemetry, reading: Reading): Promise<void> {
    let telemetry = given;
    const { source } = telemetry.resource;
    if (source === "waf" || source === "securityhub") {
      telemetry = (await import("./transforms/lists-by-name.ts")).listsByName(telemetry, reading);
    }
    if (mayTellMetrics(telemetry)) telemetry = await enhance(telemetry);
    for (const transform of options.transforms ?? []) telemetry = await transform(telemetry, reading.dropped);
    reading.telemetry.push(telemetry);
  }

  async function understood(batch: LogEventBatch, resource: Resource): Promise<Understood> {
    for (;;) {
      try {
        return understoodOf(batch, resource, table, memory.recollection?.atOnceIn(resource));
      } catch (error) {
        if (!(error instanceof NotLoadedError)) throw error;
        await error.load();
      }
    }
  }
}

function aReading(events: number, dropped: Record<string, number>): Reading {
  return { events, dropped, telemetry: [], generation: -1 };
}

/** What a batch tells of where it is from. */
function keyOf({ owner, logGroup, logStream, region, resource }: LogEventBatch): string {
  const through = region || resource ? [region, resource] : [];
  return JSON.stringify([owner, logGroup, logStream, ...through]);
}

interface Understood {
  telemetry: ResourceTelemetry;
  findings: Findings;
}

/**
 * What the log events of one slice are, each log tied to its request and trace.
 *
 * @param table takes the spans; what it held of a slice before is lost
 * @throws {NotLoadedError} before anything is lost
 */
export function understand(batch: LogEventBatch, resource: Resource, table: SpanTable): ResourceTelemetry {
  return understoodOf(batch, resource, table).telemetry;
}

function understoodOf(batch: LogEventBatch, resource: Resource, table: SpanTable, known?: AtOnce): Understood {
  const telemetry = parse(wholeLines(batch, (given) => split(given, resource, table)));
  return { telemetry, findings: findLinks(telemetry, known) };
}

/** Loaded by the first line that has something of a payload and is no whole one. */
let repair: typeof import("./transforms/repair.ts").repair | undefined;

function wholeLines(batch: LogEventBatch, splitOf: (batch: LogEventBatch) => ResourceTelemetry): ResourceTelemetry {
  const telemetry = splitOf(batch);
  if (!telemetry.suspects?.length) return telemetry;
  if (repair) return repair(batch, telemetry, splitOf);
  throw new NotLoadedError(loadRepair);
}

export async function loadRepair(): Promise<void> {
  repair = (await import("./transforms/repair.ts")).repair;
}

/** What is changed in all spans. It is loaded by the first. */
export interface Obfuscation {
  telemetry: Transform;
  /** The same for spans that come another way. */
  load(): Promise<(span: Span) => Span>;
}

export function obfuscation(settings: ObfuscationSettings): Obfuscation {
  let loaded: typeof import("./transforms/obfuscate.ts") | undefined;
  const load = async (): Promise<typeof import("./transforms/obfuscate.ts")> => {
    loaded ??= await import("./transforms/obfuscate.ts");
    return loaded;
  };
  return {
    telemetry: (telemetry) => {
      if (telemetry.tracePayloads.length === 0) return telemetry;
      return loaded ? loaded.obfuscate(telemetry, settings) : load().then((it) => it.obfuscate(telemetry, settings));
    },
    load: async () => {
      const { obfuscateSpan } = await load();
      return (span) => obfuscateSpan(span, settings);
    },
  };
}
