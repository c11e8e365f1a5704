/** One redrive of a queue. */
import type { FailedBatch, Kind, StoredBatch, StoredBatches } from "../delivery/failure-store.ts";
import { ATTRIBUTE_NAMES, attributesOf, bytesIn, QUARANTINE } from "./sqs-message.ts";
import type { ReceivedMessage, SqsQueue } from "./sqs-queue.ts";

/** For which a redrive may outlive its deadline before another one gets its messages. */
const GRACE_SECONDS = 60;
const MAX_VISIBILITY_TIMEOUT_SECONDS = 43_200;
/**
 * For which messages in quarantine trouble no redrive. SQS counts the limit of 12 hours from when a message was received.
 */
const QUARANTINE_SECONDS = 39_600;
/** SQS keeps a new message back for so long at most. */
const MAX_DELAY_SECONDS = 900;
/** Messages for somebody else, after which a redrive looks no further. */
const MAX_HELD = 10_000;
/** The least that a further look into the queue may need. */
const MIN_MS_FOR_NEXT = 3_000;

/** Adds a batch to the queue, cut where it must be; nobody receives it before the delay is over. */
export type AddRest = (rest: FailedBatch, delaySeconds: number) => Promise<void>;

/**
 * Each message is received at most once in a redrive: none that was received becomes visible before `close`, or, when
 * the process dies, before a minute after the deadline. Whatever is received counts as received once more, so the
 * `maxReceiveCount` of a queue with a dead-letter queue must be high.
 *
 * A message that was received before is possibly delivered. That is an overestimate, for a queue does not say what came
 * of it: the intake did not take it, an earlier redrive had no time for it or wanted another kind, it was in the way of
 * another forwarder, or somebody looked at it in the console.
 */
export class SqsRedrive implements StoredBatches {
  readonly #queue: SqsQueue;
  readonly #functionPrefix: string;
  readonly #kinds: readonly Kind[];
  readonly #deadlineUnixMs: number;
  readonly #addRest: AddRest;
  /** Receipt handles of what is to become visible again. */
  readonly #held = new Set<string>();
  /** Receipt handles of what is in quarantine. */
  readonly #quarantined = new Set<string>();

  constructor(
    queue: SqsQueue,
    functionPrefix: string,
    kinds: readonly Kind[],
    deadlineUnixMs: number,
    addRest: AddRest,
  ) {
    this.#queue = queue;
    this.#functionPrefix = functionPrefix;
    this.#kinds = kinds;
    this.#deadlineUnixMs = deadlineUnixMs;
    this.#addRest = addRest;
  }

  /** At most 10, oldest first among them; a queue gives no order beyond that. */
  async claim(): Promise<StoredBatch[]> {
    do {
      const messages = await this.#receive();
      if (messages.length === 0) return [];
      const claimed = messages.flatMap((message) => this.#claimed(message) ?? []);
      if (claimed.length > 0) return claimed.sort((a, b) => a.storedAtUnixMs - b.storedAtUnixMs);
    } while (this.#held.size < MAX_HELD && this.#deadlineUnixMs - Date.now() > MIN_MS_FOR_NEXT);
    return [];
  }

  /**
   * Makes visible again what was neither removed nor replaced, and what is somebody else's. Hides what is in quarantine,
   * so that the next redrives need not look at it. Where there is no time, it becomes visible by itself.
   *
   * @throws {Error} when the queue refuses it; nothing is lost
   */
  async close(): Promise<void> {
    const held = [...this.#held];
    const quarantined = [...this.#quarantined];
    this.#held.clear();
    this.#quarantined.clear();
    if (Date.now() >= this.#deadlineUnixMs) return;
    await this.#queue.changeVisibility(held, 0, this.#deadlineUnixMs);
    await this.#queue.changeVisibility(quarantined, QUARANTINE_SECONDS, this.#deadlineUnixMs);
  }

  #receive(): Promise<ReceivedMessage[]> {
    const seconds = Math.min(secondsUntil(this.#deadlineUnixMs) + GRACE_SECONDS, MAX_VISIBILITY_TIMEOUT_SECONDS);
    return this.#queue.receive(ATTRIBUTE_NAMES, seconds, this.#deadlineUnixMs);
  }

  /** A message that this redrive is for. */
  #claimed(message: ReceivedMessage): StoredBatch | undefined {
    const { retry_prefix: prefix, function_prefix: functionPrefix } = message.attributes;
    const isOurs = functionPrefix === this.#functionPrefix;
    (isOurs && prefix === QUARANTINE ? this.#quarantined : this.#held).add(message.receiptHandle);
    const kind = this.#kinds.find((asked) => asked === prefix);
    return isOurs && kind ? this.#storedBatch(message, kind) : undefined;
  }

  #storedBatch({ messageId, receiptHandle, body, sentUnixMs, receiveCount }: ReceivedMessage, kind: Kind): StoredBatch {
    const queue = this.#queue;
    const deadlineUnixMs = this.#deadlineUnixMs;
    const remove = async (): Promise<void> => {
      await queue.delete(receiptHandle, deadlineUnixMs);
      this.#held.delete(receiptHandle);
    };
    return {
      kind,
      place: `${queue.url} message ${messageId}`,
      storedAtUnixMs: sentUnixMs,
      isPossiblyDelivered: receiveCount > 1,
      read: async () => bytesIn(body),
      remove,
      replace: async (rest) => {
        // It is the next redrive's. Without the delay this one would receive it at once.
        await this.#addRest(rest, Math.min(secondsUntil(deadlineUnixMs), MAX_DELAY_SECONDS));
        await remove();
      },
      quarantine: async () => {
        await queue.send(body, attributesOf(kind, this.#functionPrefix, true), 0, deadlineUnixMs);
        await remove();
      },
    };
  }
}

function secondsUntil(unixMs: number): number {
  return Math.max(0, Math.ceil((unixMs - Date.now()) / 1_000));
}
