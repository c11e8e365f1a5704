/** An event that no source reads. Loaded by the first. */
import { UnreadableEventError } from "./source.ts";

/** As a person would call them, in the order of the registry. */
export const KINDS = [
  "CloudWatch Logs subscription",
  "EventBridge event",
  "SNS notification",
  "SQS messages",
  "S3 notification",
  "Kinesis records",
  "Kafka records",
  "Firehose transformation",
];

/** Keys that are named, and the characters of each. */
const [MAX_KEYS, MAX_KEY_LENGTH] = [10, 40];

/** @throws {UnreadableEventError} always. It names the event's outermost keys, and the service of its records. */
export function refuse(event: object): never {
  const known = KINDS.join(", ");
  throw new UnreadableEventError(`the event is of no known kind (${shapeOf(event)}); the forwarder reads: ${known}`);
}

function shapeOf(event: object): string {
  if (Array.isArray(event)) return "it is a list";
  if (event instanceof String || event instanceof Number || event instanceof Boolean) return "it is no object";
  const keys = Object.keys(event);
  if (keys.length === 0) return "it has no keys";
  const named = keys.slice(0, MAX_KEYS).map((key) => JSON.stringify(key.slice(0, MAX_KEY_LENGTH)));
  const rest = keys.length > MAX_KEYS ? ` and ${keys.length - MAX_KEYS} more` : "";
  return `its keys: ${named.join(", ")}${rest}${serviceOf(event)}`;
}

/** Of the records that other services of AWS invoke functions with. */
function serviceOf(event: { Records?: { eventSource?: unknown; EventSource?: unknown }[] }): string {
  const first = event.Records?.[0];
  const service = first?.eventSource ?? first?.EventSource;
  return typeof service === "string" ? `; its records are of ${JSON.stringify(service.slice(0, MAX_KEY_LENGTH))}` : "";
}
