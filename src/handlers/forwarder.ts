/** Puts the parts together: what runs once when the process starts, and what runs at each delivery. */
import type { Context } from "aws-lambda";
import { type Config, isApiKey, parseConfig } from "../config.ts";
import type { FreeMemory } from "../delivery/batch.ts";
import { booksOf, closeLedger, count, type Ledger, openLedger } from "../delivery/ledger.ts";
import { Sender } from "../delivery/sender.ts";
import type { World } from "../delivery/world.ts";
import { destinationsFor } from "../destinations/index.ts";
import { createApiKey } from "../io/api-key.ts";
import { createCompress } from "../io/compress.ts";
import { createPost } from "../io/http.ts";
import { createLog } from "../io/log.ts";
import { type Reading, readTelemetry } from "../pipeline.ts";
import type { Forwarder, ResourceTelemetry, SpanTable } from "../telemetry.ts";

declare const __VERSION__: string;

/** Kept back from Lambda's deadline to print the ledger and answer. */
const RESERVE_MS = 500;

type Environment = Readonly<Record<string, string | undefined>>;
type Handler = (event: unknown, context: Context) => Promise<void>;

/**
 * The handler for a configuration. It resolves when everything is delivered, and throws when something is not, after
 * all sends have settled, so that Lambda keeps the event and invokes again.
 *
 * @throws {ConfigError} when any setting is invalid
 */
export function createForwarder(env: Environment): Handler {
  const config = parseConfig(env);
  const log = createLog(config.logLevel, (line) => process.stdout.write(line));
  for (const warning of config.warnings) log("WARN", warning);
  const apiKey = createApiKey(config, isApiKey);
  const post = createPost(config);
  const compress = createCompress(config);
  const freeMemory: FreeMemory = [];
  const freeTables: SpanTable[] = [];

  return async (event, context) => {
    const forwarder = identityOf(context, env);
    const ledger = openLedger();
    try {
      await forward(event, context, forwarder, ledger);
    } finally {
      // Not through the log level: the books are always printed.
      process.stdout.write(`${JSON.stringify({ message: "ledger", ledger: closeLedger(ledger) })}\n`);
    }
    throwIfIncomplete(ledger);
  };

  /** Reads the event to its end even where nothing can be sent, so that every log event of it is counted. */
  async function forward(event: unknown, context: Context, forwarder: Forwarder, ledger: Ledger): Promise<void> {
    const key = await apiKey().catch((error: Error) => error);
    const senders = key instanceof Error ? [] : sendersFor(worldOf(context, key), forwarder, ledger);
    try {
      for await (const reading of readTelemetry(event, forwarder, freeTables)) {
        for (const part of select(reading, config, ledger)) {
          log("DEBUG", "read", part.resource.attributes);
          if (key instanceof Error) count(ledger.returned, "no API key", part.logs.length + part.tracePayloads.length);
          else await allOf(senders.map((sender) => sender.offer(part)));
        }
      }
    } finally {
      await allOf(senders.map((sender) => sender.settle()));
    }
    if (key instanceof Error) throw key;
  }

  function sendersFor(world: World, forwarder: Forwarder, ledger: Ledger): Sender[] {
    return destinationsFor(config, forwarder).map(
      (destination) => new Sender(destination, world, booksOf(ledger, destination.name), freeMemory),
    );
  }

  function worldOf(context: Context, key: string): World {
    const deadlineUnixMs = Date.now() + (context.getRemainingTimeInMillis?.() ?? 60_000) - RESERVE_MS;
    return {
      post: (request) => post({ ...request, headers: { ...request.headers, "dd-api-key": key } }),
      compress,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      msLeft: () => deadlineUnixMs - Date.now(),
      nowUnixMs: () => Date.now(),
      random: Math.random,
    };
  }
}

/** Counts what came, and leaves the logs out where they are switched off. */
function select({ events, dropped, telemetry }: Reading, config: Config, ledger: Ledger): ResourceTelemetry[] {
  ledger.events += events;
  for (const [reason, number] of Object.entries(dropped)) count(ledger.dropped, reason, number);
  for (const { logs, tracePayloads } of telemetry) {
    ledger.logs += logs.length;
    ledger.traceLines += tracePayloads.length;
    for (const { traces } of tracePayloads) for (const { spanCount } of traces) ledger.spans += spanCount;
    if (!config.forwardLog) count(ledger.skipped, "DD_FORWARD_LOG=false", logs.length);
  }
  return config.forwardLog ? telemetry : telemetry.map((part) => ({ ...part, logs: [] }));
}

function identityOf(context: Context, env: Environment): Forwarder {
  const functionArn = (context.invokedFunctionArn ?? "").toLowerCase();
  return {
    functionArn,
    functionName: context.functionName ?? env.AWS_LAMBDA_FUNCTION_NAME ?? "",
    region: functionArn.split(":")[3] || env.AWS_REGION || "",
    version: __VERSION__,
    logGroup: env.AWS_LAMBDA_LOG_GROUP_NAME ?? "",
  };
}

/** Waits for all of them, and only then throws what one of them threw. */
async function allOf(promises: Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(promises)) if (end.status === "rejected") throw end.reason;
}

function throwIfIncomplete({ destinations }: Ledger): void {
  const problems = Object.entries(destinations).flatMap(([name, { failed, offered }]) =>
    Object.entries(failed).map(([reason, items]) => `${name}: ${items} of ${offered} not delivered (${reason})`),
  );
  if (problems.length > 0) throw new Error(problems.join("; "));
}
