/**
 * A DynamoDB table in which the forwarder's processes tell each other the traces of requests whose lines come in several
 * deliveries. Nothing waits for it but a moment: what it does not tell in time goes on as if there were no table, and
 * what it does not take is known to one process less.
 */
import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { RememberedRequest } from "../telemetry.ts";

export interface CorrelationTableSettings {
  correlationTable: string;
  correlationHoldMs: number;
}

export interface Patience {
  /** What a delivery waits for answers in all. */
  waitMs: number;
  /** The longest that a write takes. */
  writeMs: number;
  /** Between two looks, while logs are held. */
  lookMs: number;
  /** After failures in a row, until the table is asked again. */
  pauseMs: number;
}

const PATIENCE: Patience = { waitMs: 100, writeMs: 1_000, lookMs: 100, pauseMs: 10_000 };
/** Answers that came too late, or failed calls, in a row. */
const MAX_FAILURES = 3;
/** The most that one call takes. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const [MAX_READS, MAX_WRITES] = [100, 25];
/** Lambda keeps an event for up to six hours, so a delivery may come that late. */
const KEPT_SECONDS = 6 * 3_600;
/** The longest key that DynamoDB takes. */
const MAX_KEY_BYTES = 2_048;
const AGAIN_MS = 20;

type Sdk = typeof import("@aws-sdk/client-dynamodb");
type Item = Record<string, AttributeValue>;

/** The table as one delivery uses it. Nothing here rejects. */
export interface TableUse {
  recall(stream: string, requestIds: string[]): Promise<RememberedRequest[]>;
  remember(request: RememberedRequest): void;
  holds: boolean;
  await(stream: string, requestIds: string[]): Promise<RememberedRequest[]>;
  settle(): Promise<void>;
}

export class CorrelationTable {
  readonly #name: string;
  readonly #holdMs: number;
  readonly #warn: (problem: string) => void;
  readonly #patience: Patience;
  #connection: Promise<{ sdk: Sdk; client: DynamoDBClient }> | undefined;
  #failures = 0;
  #pausedUntilUnixMs = 0;
  #lastProblem = "";

  /** @param warn takes what went wrong, with the remedy; nothing is lost by it but links */
  constructor(settings: CorrelationTableSettings, warn: (problem: string) => void, patience = PATIENCE) {
    this.#name = settings.correlationTable;
    this.#holdMs = settings.correlationHoldMs;
    this.#warn = warn;
    this.#patience = patience;
  }

  /**
   * @param books get the counts of requests: `asked`, of which `found`; `late` and `failed` are those without an answer,
   * `paused` those that were not asked for; `told` and `untold`
   * @param deadlineUnixMs nothing goes on after it
   */
  begin(books: { correlationTable?: Record<string, number> }, deadlineUnixMs: number): TableUse {
    const outcomes: Record<string, number> = {};
    books.correlationTable = outcomes;
    const { waitMs, writeMs, lookMs } = this.#patience;
    const told = new Map<string, Item>();
    let waitMsLeft = waitMs;
    // It takes longest in a new process. The delivery is read meanwhile.
    this.#connection ??= connect();
    this.#connection.catch(() => {});
    const count = (outcome: string, by: number): void => {
      if (by > 0) outcomes[outcome] = (outcomes[outcome] ?? 0) + by;
    };
    const timeFor = (ms: number): number => Math.min(ms, deadlineUnixMs - Date.now());

    const ask = async (stream: string, requestIds: string[], ms: number): Promise<RememberedRequest[]> => {
      const keys = requestIds.map((id) => keyOf(stream, id)).filter(isKey);
      if (keys.length === 0) return [];
      if (Date.now() < this.#pausedUntilUnixMs || ms <= 0) {
        count("paused", keys.length);
        return [];
      }
      const items: Item[] = [];
      count("asked", keys.length);
      try {
        await this.#within(ms, (signal) => this.#read(keys.slice(-MAX_READS), items, signal));
        this.#failures = 0;
      } catch (error) {
        count(this.#fail(error), keys.length - items.length);
      }
      const found = items.flatMap((item) => requestIn(item, stream) ?? []);
      count("found", found.length);
      return found;
    };

    return {
      holds: this.#holdMs > 0,
      recall: async (stream, requestIds) => {
        const beganUnixMs = Date.now();
        const found = await ask(stream, requestIds, timeFor(waitMsLeft));
        waitMsLeft -= Date.now() - beganUnixMs;
        return found;
      },
      remember: (request) => {
        const key = keyOf(request.stream, request.requestId);
        const known = told.get(key);
        if (isKey(key) && !(Number(known?.strength?.N) > request.strength)) told.set(key, itemOf(key, request));
      },
      await: async (stream, requestIds) => {
        const untilUnixMs = Date.now() + timeFor(this.#holdMs);
        const found = new Map<string, RememberedRequest>();
        for (;;) {
          const unknown = requestIds.filter((id) => !found.has(id));
          const left = untilUnixMs - Date.now();
          if (unknown.length === 0 || left <= 0) break;
          await new Promise((resolve) => setTimeout(resolve, Math.min(lookMs, left)));
          for (const request of await ask(stream, unknown, untilUnixMs + AGAIN_MS - Date.now()))
            found.set(request.requestId, request);
        }
        return [...found.values()];
      },
      settle: async () => {
        const items = [...told.values()].slice(-MAX_WRITES);
        if (items.length === 0) return;
        const left = { items };
        try {
          if (Date.now() >= this.#pausedUntilUnixMs)
            await this.#within(timeFor(writeMs), (signal) => this.#write(left, signal));
        } catch (error) {
          this.#fail(error);
        }
        count("told", items.length - left.items.length);
        count("untold", told.size - items.length + left.items.length);
        told.clear();
      },
    };
  }

  /** @param items takes what is there */
  async #read(keys: string[], items: Item[], abortSignal: AbortSignal): Promise<void> {
    const { sdk, client } = await this.#connected();
    let asked: Item[] = keys.map((id) => ({ id: { S: id } }));
    for (;;) {
      const command = new sdk.BatchGetItemCommand({ RequestItems: { [this.#name]: { Keys: asked } } });
      const { Responses, UnprocessedKeys } = await client.send(command, { abortSignal });
      for (const found of Object.values(Responses ?? {})) items.push(...found);
      asked = Object.values(UnprocessedKeys ?? {}).flatMap(({ Keys }) => Keys ?? []);
      if (asked.length === 0 || abortSignal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /** @param left loses what was taken */
  async #write(left: { items: Item[] }, abortSignal: AbortSignal): Promise<void> {
    const { sdk, client } = await this.#connected();
    for (;;) {
      const writes = left.items.map((Item) => ({ PutRequest: { Item } }));
      const command = new sdk.BatchWriteItemCommand({ RequestItems: { [this.#name]: writes } });
      const { UnprocessedItems } = await client.send(command, { abortSignal });
      const rest = Object.values(UnprocessedItems ?? {}).flat();
      left.items = rest.map(({ PutRequest }) => PutRequest?.Item).filter((item) => item !== undefined);
      if (left.items.length === 0 || abortSignal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async #connected(): Promise<{ sdk: Sdk; client: DynamoDBClient }> {
    this.#connection ??= connect();
    return this.#connection;
  }

  /** Waiting ends in time, whatever the SDK does. */
  async #within(ms: number, call: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new LateError());
        abort.abort();
      }, ms);
    });
    try {
      await Promise.race([call(abort.signal), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @returns how the outcome is called */
  #fail(error: unknown): "late" | "failed" {
    const code = codeOf(error);
    const isLate = code === "timeout";
    // A new process needs its time to connect; an error is one that the next call has too.
    this.#failures += isLate ? 1 : MAX_FAILURES;
    if (this.#failures >= MAX_FAILURES) {
      this.#failures = 0;
      this.#pausedUntilUnixMs = Date.now() + this.#patience.pauseMs;
      const problem = `cannot use the table ${this.#name} (CORRELATION_TABLE): ${code}; ${remedyFor(code)}`;
      if (problem !== this.#lastProblem) this.#warn(problem);
      this.#lastProblem = problem;
    }
    return isLate ? "late" : "failed";
  }
}

/** Exists to be told from the errors of DynamoDB. */
class LateError extends Error {
  override name = "LateError";
}

async function connect(): Promise<{ sdk: Sdk; client: DynamoDBClient }> {
  const sdk = await import("@aws-sdk/client-dynamodb");
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 1_000, throwOnRequestTimeout: true };
  return { sdk, client: new sdk.DynamoDBClient({ maxAttempts: 2, requestHandler }) };
}

function keyOf(stream: string, requestId: string): string {
  return `${requestId} ${stream}`;
}

function isKey(key: string): boolean {
  return Buffer.byteLength(key) <= MAX_KEY_BYTES;
}

/** `expires` is the table's TTL attribute. */
function itemOf(key: string, request: RememberedRequest): Item {
  const { requestId, traceId, spanId, service, env, version, strength, fromUnixMs, toUnixMs } = request;
  return {
    id: { S: key },
    expires: { N: String(Math.floor(Date.now() / 1_000) + KEPT_SECONDS) },
    requestId: { S: requestId },
    traceId: { S: traceId },
    spanId: { S: spanId },
    service: { S: service },
    env: { S: env },
    version: { S: version },
    strength: { N: String(strength) },
    fromUnixMs: { N: String(fromUnixMs) },
    toUnixMs: { N: String(toUnixMs) },
  };
}

/** Undefined where anybody else wrote it. */
function requestIn(item: Item, stream: string): RememberedRequest | undefined {
  const text = (name: string): string => item[name]?.S ?? "";
  const number = (name: string): number => Number(item[name]?.N ?? Number.NaN);
  const request = {
    stream,
    requestId: text("requestId"),
    traceId: text("traceId"),
    spanId: text("spanId"),
    service: text("service"),
    env: text("env"),
    version: text("version"),
    strength: number("strength"),
    fromUnixMs: number("fromUnixMs"),
    toUnixMs: number("toUnixMs"),
  };
  const { requestId, traceId, spanId, strength, fromUnixMs, toUnixMs } = request;
  const isWhole =
    text("id") === keyOf(stream, requestId) &&
    /^(?:[0-9a-f]{32})?$/.test(traceId) &&
    /^(?:[0-9a-f]{16})?$/.test(spanId) &&
    [strength, fromUnixMs, toUnixMs].every(Number.isFinite);
  return isWhole ? request : undefined;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  if (["LateError", "TimeoutError", "AbortError"].includes(error.name)) return "timeout";
  return "$fault" in error ? error.name : ((error as NodeJS.ErrnoException).code ?? error.name);
}

function remedyFor(code: string): string {
  switch (code) {
    case "AccessDeniedException":
      return "the function's role needs dynamodb:BatchGetItem and dynamodb:BatchWriteItem on it";
    case "ResourceNotFoundException":
      return "there is no such table in the function's region";
    case "ValidationException":
      return "its only key must be the partition key id, a string";
    case "timeout":
      return "no answer in time; a function in a VPC needs a gateway endpoint for DynamoDB";
    case "ProvisionedThroughputExceededException":
    case "ThrottlingException":
      return "it takes no more calls now; an on-demand table takes more";
    default:
      return "logs go on without what other processes know";
  }
}
