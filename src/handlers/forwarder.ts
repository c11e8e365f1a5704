/** Puts the parts together: what runs once when the process starts, and what runs at each invocation. */
import type { Context } from "aws-lambda";
import { type Config, type Findings, isApiKey, parseConfig } from "../config.ts";
import type { FreeMemory } from "../delivery/batch.ts";
import type { Circuits } from "../delivery/courier.ts";
import { embeddedMetrics } from "../delivery/embedded-metrics.ts";
import type { RedriveStore } from "../delivery/failure-store.ts";
import {
  booksOf,
  closeLedger,
  count,
  countLinks,
  type DestinationBooks,
  type Ledger,
  openLedger,
  type TargetBooks,
  total,
} from "../delivery/ledger.ts";
import { Sender } from "../delivery/sender.ts";
import type { Destination } from "../destinations/destination.ts";
import { allDestinationsFor } from "../destinations/index.ts";
import { createApiKey } from "../io/api-key.ts";
import { createCompress } from "../io/compress.ts";
import type { CorrelationTable } from "../io/correlation-table.ts";
import { createPost } from "../io/http.ts";
import { createLog } from "../io/log.ts";
import type { ResourceTags, TagLookup } from "../io/resource-tags.ts";
import { obfuscation, type Reading, readTelemetry, type Transform } from "../pipeline.ts";
import { type Forwarder, GENERATION_KEY, type ResourceTelemetry, type SpanTable } from "../telemetry.ts";
import type { RequestMemory, SharedMemory } from "../transforms/recollection.ts";
import type { Attempts } from "./attempts.ts";
import { type Identity, identityOf } from "./identity.ts";
import { type Access, type HandlerReach, type Invocation, openWorlds } from "./invocation.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Reasons = Record<string, number>;
type Handler = (event: unknown, context: Context) => Promise<unknown>;

const WITHOUT_EFFECT =
  /^DD_(?:USE_(?:TCP|PRIVATE_LINK)|FETCH_STEP_FUNCTIONS_TAGS|FORWARD_(?:METRICS?|TRACES)|TRACE_ENABLED|ENHANCED_METRICS)$/;

/**
 * The handler for a configuration. It resolves when everything is delivered or stored, and throws when something is
 * neither, after all sends have settled, so that Lambda keeps the event and invokes again. Where only some records of a
 * queue or stream could not be read, and a setting says that Lambda asks for it, it gives these: `{batchItemFailures}`.
 * Firehose gets its records back.
 *
 * @param found what is known of the settings already
 * @throws {ConfigError} when any setting is invalid
 */
export function createForwarder(env: Environment, ...found: (Findings | undefined)[]): Handler {
  const config = parseConfig(env, ...found);
  const log = createLog(config.logLevel, (line) => process.stdout.write(line));
  for (const warning of config.warnings) log("WARN", warning);
  if (Object.keys(env).some((name) => WITHOUT_EFFECT.test(name))) {
    void import("./without-effect.ts").then(({ remarksOn }) => {
      for (const remark of remarksOn(env)) log("WARN", remark);
    });
  }
  // Begun at once: Lambda has most time before the first invocation.
  const accesses = accessesFor(config, (problem) => log("ERROR", problem));
  const compress = createCompress(config);
  const freeMemory: FreeMemory = new Map();
  const freeTables: SpanTable[] = [];
  const circuits: Circuits = new Map();
  const memory: RequestMemory = {};
  let table: CorrelationTable | undefined;
  const { telemetry: obfuscate, load: loadObfuscation } = obfuscation(config);
  let store: RedriveStore | null | undefined;
  let transforms: Transform[] | undefined = asksForTransforms(config) ? undefined : [obfuscate];
  let resourceTags: ResourceTags | undefined;
  let attempts: Attempts | undefined;
  let identity: Identity | undefined;
  const sendsAll = config.sendsToDatadog && config.forwardLog;
  const hasRefuge = config.storeFailedEvents && (config.bucket !== "" || config.sqsQueueUrl !== "");

  return async (event, context) => {
    identity = identityOf(context, env, identity);
    const { forwarder, freeDestinations } = identity;
    if (config.shadowMode) {
      return (await import("./shadow.ts")).shadow(event, config, forwarder, (line) => process.stdout.write(line));
    }
    const ledger = openLedger();
    let generation = 0;
    let failure: unknown;
    let answer: unknown;
    const isRedrive = asksForRedrive(event);
    const isAlone = isRedrive && Object.keys(event).length === 1;
    const relay = isAlone || config.additionalTargets.length === 0 ? null : relayOf(event, context, forwarder);
    try {
      const openStore = (): Promise<RedriveStore | null> => storeOf(forwarder);
      const backends = await accesses;
      const worlds = await openWorlds(context, backends, compress, hasRefuge, (problem) => {
        if (hasRefuge) log("ERROR", `everything is stored: ${problem}`);
      });
      const refuge = hasRefuge ? { openStore, circuits, isShared: backends.size > 1 } : null;
      const invocation: Invocation = {
        config,
        forwarder,
        freeDestinations,
        worlds,
        openStore,
        refuge,
        circuits,
        loadObfuscation,
        ledger,
        log,
      };
      if (!isAlone) generation = await forward(event, invocation);
      answer = invocation.reach?.answer;
      if (isRedrive) await (await import("./redrive.ts")).redriveStored(invocation, isAlone, forward);
      failure = await incompletenessOf(ledger);
      if (failure) attempts ??= new (await import("./attempts.ts")).Attempts();
      attempts?.ended(event, ledger);
    } catch (error) {
      const { batchItemFailures, message } = error as { batchItemFailures?: unknown; message: string };
      if (batchItemFailures && config.reportBatchItemFailures && !(await incompletenessOf(ledger))) {
        answer = { batchItemFailures };
        log("ERROR", message);
      } else failure = error;
    }
    if (relay) ledger.additionalTargets = await relay;
    if (failure) (await import("./incompleteness.ts")).noteRepeats(ledger);
    print(ledger, forwarder, generation);
    if (failure) throw failure;
    return answer;
  };

  /**
   * Reads the event to its end even where nothing can be sent, so that every log event of it is counted.
   *
   * @returns the generation of its own log line
   */
  async function forward(event: unknown, invocation: Invocation): Promise<number> {
    const { forwarder, freeDestinations, worlds, refuge, ledger } = invocation;
    const isLost = worlds.cannotPost !== "" && !refuge;
    const destinations = freeDestinations.pop() ?? (await allDestinationsFor(config, forwarder));
    const senders = isLost ? [] : await sendersOf(destinations, invocation, attempts?.settledBy(event));
    const tags = isLost || !asksForTags(config) ? undefined : await tagsFor(invocation);
    memory.shared = isLost || !config.correlationTable ? undefined : await sharedMemoryFor(invocation);
    let generation = 0;
    const loadReach = async (): Promise<HandlerReach> => {
      invocation.reach ??= await (await import("./reach.ts")).reachOf(invocation);
      return invocation.reach;
    };
    try {
      transforms ??= [obfuscate, ...(await (await import("./transforms.ts")).loadTransforms(config))];
      const options = { transforms, source: config.source, findTags: tags?.find, memory, loadReach };
      for await (const reading of readTelemetry(event, forwarder, freeTables, options)) {
        generation = Math.max(generation, reading.generation + 1);
        countReading(reading, ledger);
        const telemetry = sendsAll
          ? reading.telemetry
          : (await import("./select.ts")).selected(reading.telemetry, config, ledger);
        for (const part of telemetry) {
          log("DEBUG", "read", part.resource.attributes);
          if (isLost) count(ledger.returned, "no credentials", itemsIn(part));
          else await allOf(senders.map((sender) => sender.offer(part)));
        }
      }
    } finally {
      const settling = [memory.shared?.settle()];
      for (const sender of senders) settling.push(sender.settle());
      await allOf(settling);
      freeDestinations.push(destinations);
      await tags?.settle();
      await invocation.reach?.end(await incompletenessOf(ledger));
    }
    if (isLost) throw new Error(worlds.cannotPost);
    return generation;
  }

  /** Goes on beside the forwarding, and ends well. */
  async function relayOf(event: unknown, context: Context, forwarder: Forwarder): Promise<TargetBooks> {
    const { invokeTargets } = await import("./additional-targets.ts");
    return invokeTargets(config.additionalTargets, event, context, forwarder, (problem) => log("ERROR", problem));
  }

  async function sendersOf(
    destinations: Destination[],
    { worlds, refuge, ledger }: Invocation,
    settledBefore: ReadonlySet<string> | undefined,
  ): Promise<Sender[]> {
    let given = destinations;
    if (settledBefore || config.destinations[0]) {
      given = (await import("./narrow.ts")).narrowed(destinations, config, settledBefore, ledger);
    }
    const senders: Sender[] = [];
    for (const destination of given) {
      const books = booksOf(ledger, destination.name);
      senders.push(new Sender(destination, worlds.worldOf(destination), books, freeMemory, refuge));
    }
    return senders;
  }

  async function tagsFor({ forwarder, worlds, ledger }: Invocation): Promise<TagLookup> {
    const { createResourceTags } = await import("../io/resource-tags.ts");
    resourceTags ??= createResourceTags(config, withoutQualifier(forwarder), (problem) => log("WARN", problem));
    ledger.tagRefreshes = {};
    return resourceTags.begin(ledger.tagRefreshes, worlds.clock.storeDeadlineUnixMs);
  }

  async function sharedMemoryFor({ worlds, ledger }: Invocation): Promise<SharedMemory> {
    const { CorrelationTable } = await import("../io/correlation-table.ts");
    table ??= new CorrelationTable(config, (problem) => log("WARN", problem));
    return table.begin(ledger, worlds.clock.storeDeadlineUnixMs);
  }

  /** Null where there is none. It is loaded when it is needed. */
  async function storeOf(forwarder: Forwarder): Promise<RedriveStore | null> {
    const { createFailureStore } = await import("../io/failure-store.ts");
    store ??= createFailureStore(config, withoutQualifier(forwarder));
    return store;
  }

  /** Not through the log level: the books are always printed. */
  function print(ledger: Ledger, { functionName }: Forwarder, generation: number): void {
    const books = JSON.stringify(closeLedger(ledger));
    const metrics = JSON.stringify(embeddedMetrics(ledger, functionName, Date.now()));
    process.stdout.write(
      `{"message":"ledger","${GENERATION_KEY}":${generation},"ledger":${books},${metrics.slice(1)}\n`,
    );
  }
}

/** How each backend is reached. */
async function accessesFor(config: Config, report: (problem: string) => void): Promise<Map<string, Access>> {
  const accesses = new Map<string, Access>();
  if (config.sendsToDatadog) {
    const apiKey = createApiKey(config, isApiKey);
    accesses.set("datadog", {
      credentials: async () => ({ "dd-api-key": await apiKey.get() }),
      renew: apiKey.renew,
      post: createPost(config),
    });
  }
  if (config.otlp || config.destinations[0]) {
    await (await import("./further-accesses.ts")).addFurther(accesses, config, isApiKey, report);
  }
  return accesses;
}

/** Whether any setting asks for a change of what was read. */
function asksForTransforms(config: Config): boolean {
  const { includeAtMatch, excludeAtMatch, redactIp, redactEmail, scrubbingRule, multilinePattern } = config;
  const isChanging = includeAtMatch || excludeAtMatch || redactIp || redactEmail || scrubbingRule || multilinePattern;
  return Boolean(isChanging || config.functionSpans || config.logSamplingRate < 1);
}

/** `{"retry": true}`, alone or beside an event, as the Datadog Forwarder's schedule sends it. */
function asksForRedrive(event: unknown): event is { retry: unknown } {
  if (typeof event !== "object" || event === null || !Object.hasOwn(event, "retry")) return false;
  return String((event as { retry: unknown }).retry).toLowerCase() === "true";
}

/** Whether any setting asks for tags of AWS's resources. */
function asksForTags({ fetchLambdaTags, fetchLogGroupTags, fetchS3Tags }: Config): boolean {
  return fetchLambdaTags || fetchLogGroupTags || fetchS3Tags;
}

/** Counts what came. */
function countReading({ events, dropped, telemetry }: Reading, ledger: Ledger): void {
  ledger.events += events;
  for (const reason in dropped) count(ledger.dropped, reason, dropped[reason] as number);
  for (const part of telemetry) countPart(part, ledger);
}

function countPart({ logs, tracePayloads, metrics, unpacked, repaired }: ResourceTelemetry, ledger: Ledger): void {
  ledger.logs += logs.length;
  countLinks(ledger, logs);
  if (unpacked) ledger.unpacked += unpacked;
  if (repaired) ledger.repaired ??= {};
  for (const reason in repaired) count(ledger.repaired as Reasons, reason, repaired[reason] as number);
  for (const payload of tracePayloads) {
    if (payload.isDerived) ledger.derivedSpans++;
    else ledger.traceLines++;
    if (!payload.isDerived) for (const { spanCount } of payload.traces) ledger.spans += spanCount;
  }
  for (const { isLine } of metrics) {
    if (isLine) ledger.metricLines++;
    else ledger.derivedMetrics++;
  }
}

function itemsIn({ logs, tracePayloads, metrics }: ResourceTelemetry): number {
  return logs.length + tracePayloads.length + metrics.length;
}

/** Waits for all of them, and only then throws what one of them threw. */
async function allOf(promises: (Promise<void> | undefined)[]): Promise<void> {
  for (const end of await Promise.allSettled(promises)) if (end.status === "rejected") throw end.reason;
}

/** The ARN without a version or alias behind the name: they share what is stored. */
function withoutQualifier({ functionArn }: Forwarder): string {
  return functionArn.split(":", 7).join(":");
}

/** An error where anything is neither delivered nor stored. */
async function incompletenessOf(ledger: Ledger): Promise<Error | undefined> {
  for (const name in ledger.destinations) {
    const { failed, storeError } = ledger.destinations[name] as DestinationBooks;
    if (storeError || total(failed) > 0) return (await import("./incompleteness.ts")).incompleteness(ledger);
  }
  return undefined;
}
