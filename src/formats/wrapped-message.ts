/**
 * The message in a line of Lambda's JSON log format: `{"timestamp":"…","level":"INFO","requestId":"…","message":…}`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
import { membersOf } from "./json-members.ts";
import { isJsonObject } from "./json-object.ts";

const NAMES = ["timestamp", "level", "message"];

/** Whether an escaped line may be one. */
export function mayBeWrapped(escaped: string): boolean {
  return NAMES.every((name) => escaped.includes(`\\"${name}\\"`));
}

/** What was printed, as it was written; undefined for a line of another kind, or whose message is no JSON. */
export function messageInWrapped(line: string): string | undefined {
  try {
    if (!isJsonObject(JSON.parse(line))) return undefined;
    const members = membersOf(line);
    if (!NAMES.every((wanted) => members.some(({ name }) => name === wanted))) return undefined;
    const { value = 0, end = 0 } = members.findLast(({ name }) => name === "message") ?? {};
    const given = line.slice(value, end);
    const message = given.startsWith('"') ? (JSON.parse(given) as string) : given;
    return /^\s{0,64}[{[]/.test(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
