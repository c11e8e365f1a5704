/** The registry of sources: one entry each, which loads what is rarely needed. The first that matches reads the event. */
import { cloudWatchLogs } from "./cloudwatch-logs.ts";
import type { Cut, Part, Source } from "./source.ts";

export const sources: readonly Source[] = [
  cloudWatchLogs,
  onDemand(
    "EventBridge event",
    (event) => "detail" in event,
    () => import("./eventbridge.ts"),
  ),
  onDemand("SNS notification", holdsRecordsOf("aws:sns"), () => import("./sns.ts")),
  onDemand("SQS messages", holdsRecordsOf("aws:sqs"), () => import("./sqs.ts")),
];

/**
 * The parts of an event, in order; each is valid until the next is asked for.
 *
 * @param event what Lambda handed to the function, of any type
 * @throws {UnreadableEventError} when no source knows it, or its content is damaged
 */
export function readEvent(event: unknown, cut: Cut): AsyncIterable<Part> {
  const given: object = Object(event);
  return sources.find((source) => source.matches(given))?.read(given, cut) ?? refusal(given);
}

async function* refusal(event: object): AsyncGenerator<Part> {
  const { refuse } = await import("./unknown-event.ts");
  yield refuse(event, sources);
}

/** A source that few functions are given events of. */
function onDemand(name: string, matches: Source["matches"], load: () => Promise<Pick<Source, "read">>): Source {
  return {
    name,
    matches,
    async *read(event, cut) {
      yield* (await load()).read(event, cut);
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
