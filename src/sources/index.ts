/** The registry of sources: one import and one entry each. The first that matches reads the event. */
import { cloudWatchLogs } from "./cloudwatch-logs.ts";
import { type Cut, type Part, type Source, UnreadableEventError } from "./source.ts";

const sources: readonly Source[] = [cloudWatchLogs];

/**
 * The parts of an event, in order; each is valid until the next is asked for.
 *
 * @param event what Lambda handed to the function, of any type
 * @throws {UnreadableEventError} when no source knows it, or its content is damaged
 */
export function readEvent(event: unknown, cut: Cut): AsyncIterable<Part> {
  if (typeof event === "object" && event !== null) {
    const source = sources.find((candidate) => candidate.matches(event));
    if (source) return source.read(event, cut);
  }
  const known = sources.map(({ name }) => name).join(", ");
  throw new UnreadableEventError(`the event is of no known kind; the forwarder reads: ${known}`);
}
