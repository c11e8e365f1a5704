/**
 * The registry of sources: one entry each, which loads what is rarely needed. The first that matches reads the event.
 * What people call them is in `unknown-event.ts`.
 */
import { cloudWatchLogs } from "./cloudwatch-logs.ts";
import type { Cut, LoadReach, Part, Source } from "./source.ts";

export const sources: readonly Source[] = [
  cloudWatchLogs,
  onDemand(
    (event) => "detail" in event,
    () => import("./eventbridge.ts"),
  ),
  onDemand(holdsRecordsOf("aws:sns"), () => import("./sns.ts")),
  onDemand(holdsRecordsOf("aws:sqs"), () => import("./sqs.ts")),
  onDemand(holdsRecordsOf("aws:s3"), () => import("./s3.ts")),
  onDemand(holdsRecordsOf("aws:kinesis"), () => import("./kinesis.ts")),
  onDemand(
    (event) => "bootstrapServers" in event,
    () => import("./kafka.ts"),
  ),
  onDemand(
    (event) => "deliveryStreamArn" in event,
    () => import("./firehose.ts"),
  ),
];

/**
 * The parts of an event, in order; each is valid until the next is asked for.
 *
 * @param event what Lambda handed to the function, of any type
 * @throws {UnreadableEventError} when no source knows it, or its content is damaged
 */
export function readEvent(event: unknown, cut: Cut, loadReach?: LoadReach): AsyncIterable<Part> {
  const given: object = Object(event);
  return sources.find((source) => source.matches(given))?.read(given, cut, loadReach) ?? refusal(given);
}

async function* refusal(event: object): AsyncGenerator<Part> {
  const { refuse } = await import("./unknown-event.ts");
  yield refuse(event);
}

/** A source that few functions are given events of. */
function onDemand(matches: Source["matches"], load: () => Promise<Pick<Source, "read">>): Source {
  return {
    matches,
    async *read(event, cut, loadReach) {
      yield* (await load()).read(event, cut, loadReach);
    },
  };
}

/** Lambda tells by the first record from which service all of them are. SNS writes its name with a capital. */
function holdsRecordsOf(service: string): Source["matches"] {
  return (event) => {
    const first = (event as { Records?: { eventSource?: unknown; EventSource?: unknown }[] }).Records?.[0];
    return first?.eventSource === service || first?.EventSource === service;
  };
}
