import type { CloudWatchLogsClient, StartLiveTailResponseStream } from "@aws-sdk/client-cloudwatch-logs";
import { awsProblem, isDenied, isWithoutAccount, reasonOf } from "./aws-problem.ts";
import { type Following, pause } from "./follow.ts";
import { type LogGroup, logGroupNamed } from "./log-group.ts";
import { followByPolling } from "./poll.ts";
import { readEvents } from "./read-events.ts";

/** Of one session of Live Tail. */
export const MAX_GROUPS = 10;
/** Attempts without an answer, after which log groups are polled instead. */
const MAX_FAILURES = 4;

type End =
  | { kind: "ended" | "stopped" }
  | { kind: "dropped"; reason: string; wasOpen: boolean }
  | { kind: "unavailable"; reason: string };

let sessions = 0;

/**
 * Follows up to ten log groups by Live Tail until the signal. A session that ends is begun again, and what came between two
 * is read by FilterLogEvents. Where there is no Live Tail, log groups are polled.
 *
 * @param coveredMs since 1970, from when on nothing was read yet
 * @throws {CommandError} when neither may be read
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
 */
export async function followByTail(groups: readonly LogGroup[], coveredMs: number, world: Following): Promise<void> {
  const { clients, seen, take, say, signal, timing } = world;
  let readUpToMs = coveredMs;
  let failures = 0;
  let wasSampled = false;
  while (!signal.aborted) {
    const end = await oneSession();
    if (signal.aborted) return;
    if (end.kind === "dropped") {
      failures = end.wasOpen ? 1 : failures + 1;
      if (failures < MAX_FAILURES) {
        say(`Live Tail broke off (${end.reason}); beginning again`);
        await pause(timing.retryMs * 2 ** (failures - 1), signal);
        continue;
      }
    }
    if (end.kind === "ended") {
      failures = 0;
      await pause(timing.retryMs, signal);
    }
    if (end.kind === "dropped" || end.kind === "unavailable") {
      say(
        `Live Tail is not available (${end.reason}): reading ${named(groups)} every ${timing.pollMs / 1000} s instead`,
      );
      return followByPolling(groups, readUpToMs, world);
    }
  }

  async function oneSession(): Promise<End> {
    // A client of its own: to destroy it is what closes the connection.
    const client = await clients.logs(2);
    const ending = new AbortController();
    const stop = (): void => ending.abort();
    signal.addEventListener("abort", stop);
    const gapReads: Promise<void>[] = [];
    const session = ++sessions;
    try {
      return await tail(client, session, ending, gapReads);
    } finally {
      signal.removeEventListener("abort", stop);
      client.destroy();
      ending.abort();
      await Promise.all(gapReads);
    }
  }

  async function tail(
    client: CloudWatchLogsClient,
    session: number,
    ending: AbortController,
    gapReads: Promise<void>[],
  ): Promise<End> {
    const { StartLiveTailCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const beganMs = Date.now();
    let wasOpen = false;
    let stream: AsyncIterator<StartLiveTailResponseStream> | undefined;
    try {
      const answer = await client.send(
        new StartLiveTailCommand({ logGroupIdentifiers: groups.map(({ arn }) => arn) }),
        { abortSignal: ending.signal },
      );
      stream = answer.responseStream?.[Symbol.asyncIterator]();
      for (;;) {
        const leftMs = timing.maxSessionMs - (Date.now() - beganMs);
        const next = await within(stream?.next(), Math.min(leftMs, timing.maxSilenceMs), ending.signal);
        if (ending.signal.aborted) return { kind: "stopped" };
        if (next === "silent") {
          return leftMs <= timing.maxSilenceMs
            ? { kind: "ended" }
            : { kind: "dropped", reason: "it sent nothing", wasOpen };
        }
        if (!next || next.done) return { kind: "dropped", reason: "the connection ended", wasOpen };
        const { sessionStart, sessionUpdate } = next.value;
        if (sessionStart) {
          wasOpen = true;
          gapReads.push(fillGap(readUpToMs - timing.overlapMs, ending.signal));
        }
        if (!sessionUpdate) continue;
        const receivedMs = Date.now();
        saySampling(sessionUpdate.sessionMetadata?.sampled === true);
        for (const {
          logGroupIdentifier = "",
          logStreamName = "",
          timestamp = 0,
          message = "",
        } of sessionUpdate.sessionResults ?? []) {
          const group = logGroupNamed(logGroupIdentifier, groups);
          if (!group) continue;
          const event = { logGroup: group.arn, logStream: logStreamName, timestamp, message };
          if (seen.isNew(event, session)) await take(group, event);
        }
        readUpToMs = receivedMs;
        if (receivedMs - beganMs >= timing.maxSessionMs) return { kind: "ended" };
      }
    } catch (error) {
      return endBy(error, wasOpen);
    } finally {
      // A stream that is left half read must not end in an error that nobody sees.
      stream?.return?.().catch(() => undefined);
    }
  }

  function endBy(error: unknown, wasOpen: boolean): End {
    const { name } = error as Error;
    if (signal.aborted) return { kind: "stopped" };
    if (name === "SessionTimeoutException") return { kind: "ended" };
    if (isWithoutAccount(error)) throw awsProblem("cannot follow log groups", "logs:StartLiveTail", error);
    const reason = isDenied(error) ? "there is no right logs:StartLiveTail" : reasonOf(error);
    const isForGood =
      isDenied(error) ||
      /^(?:LimitExceeded|InvalidParameter|InvalidOperation|ResourceNotFound|Unknown|NotEmulated|NotImplemented)/.test(
        name,
      );
    return isForGood ? { kind: "unavailable", reason } : { kind: "dropped", reason, wasOpen };
  }

  /** Reads what came between what was read before and this session. Events are found a little after they were written. */
  async function fillGap(gapFromMs: number, ending: AbortSignal): Promise<void> {
    const client = await clients.logs();
    try {
      for (const afterMs of timing.gapReadsAfterMs) {
        await pause(afterMs, ending);
        for (const group of groups) {
          if (ending.aborted) return;
          await readEvents(group, gapFromMs, client, { ...world, signal: ending });
        }
      }
    } catch (error) {
      if (!ending.aborted) say(`what came before Live Tail began may be missing: ${reasonOf(error)}`);
    } finally {
      client.destroy();
    }
  }

  function saySampling(isSampled: boolean): void {
    if (isSampled && !wasSampled) {
      say(`Live Tail shows a sample of ${named(groups)}: there are over 500 log events a second; --poll reads all`);
    }
    if (!isSampled && wasSampled) say("Live Tail shows all log events again");
    wasSampled = isSampled;
  }
}

function named(groups: readonly LogGroup[]): string {
  return groups.length === 1 ? (groups[0] as LogGroup).name : `${groups.length} log groups`;
}

/** Undefined where there is nothing to wait for, or the signal came. */
async function within<Value>(
  value: Promise<Value> | undefined,
  ms: number,
  signal: AbortSignal,
): Promise<Value | "silent" | undefined> {
  if (signal.aborted) return undefined;
  const waited = new AbortController();
  const stop = (): void => waited.abort();
  signal.addEventListener("abort", stop);
  try {
    const silence = pause(Math.max(0, ms), waited.signal).then((): "silent" | undefined =>
      signal.aborted ? undefined : "silent",
    );
    value?.catch(() => undefined);
    return await Promise.race([value, silence]);
  } finally {
    signal.removeEventListener("abort", stop);
    waited.abort();
  }
}
