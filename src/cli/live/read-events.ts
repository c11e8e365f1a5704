import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { Following } from "./follow.ts";
import type { LogGroup } from "./log-group.ts";

/**
 * Gives on what a log group has of a time, by FilterLogEvents, page by page.
 *
 * @param fromMs since 1970
 * @param onPage how many events a page had, and up to which time
 * @throws the SDK's error
 */
export async function readEvents(
  group: LogGroup,
  fromMs: number,
  client: CloudWatchLogsClient,
  { seen, take, signal, fromMs: wantedFromMs }: Following,
  onPage: (events: number, lastMs: number) => void = () => undefined,
): Promise<void> {
  const { paginateFilterLogEvents } = await import("@aws-sdk/client-cloudwatch-logs");
  const asked = { logGroupIdentifier: group.arn, startTime: Math.floor(Math.max(wantedFromMs, fromMs)) };
  for await (const { events = [] } of paginateFilterLogEvents({ client }, asked, { abortSignal: signal })) {
    for (const { eventId, logStreamName: logStream = "", timestamp = 0, message = "" } of events) {
      const event = { logGroup: group.arn, logStream, timestamp, message, id: eventId };
      if (seen.isNew(event)) await take(group, event);
      if (signal.aborted) return;
    }
    onPage(events.length, events.at(-1)?.timestamp ?? 0);
  }
}
