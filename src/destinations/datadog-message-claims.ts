/**
 * What a message says of its own log in place of what is known of its resource. Datadog makes the fields of a JSON message
 * fields of the log, so `ddtags` in it would replace the item's: they are moved there instead.
 */

import { membersOf, withoutMembers } from "../formats/json-members.ts";
import { isJsonObject } from "../formats/json-object.ts";
import { messageOf } from "../formats/message.ts";
import type { LogRecord, Resource, Slice } from "../telemetry.ts";

export interface Claims {
  /** The message without them; null: as it came. */
  body: string | null;
  /** Comma list; "" = none. */
  ddtags: string;
  /** The EC2 instance that a request in a CloudTrail log came from; "" = unknown. */
  host: string;
  /** Of an object that is the log itself: the JSON of it without its closing brace. */
  members?: string;
}

const TAGS = "ddtags";
const INSTANCE = "/i-";
/** Of an instance's role: the session has the instance's id for a name. */
const INSTANCE_SESSION =
  /^arn:aws[\w-]{0,20}:sts::[^:/]{0,20}:assumed-role\/[^:]{1,1000}\/(i-(?:[0-9a-f]{8}|[0-9a-f]{17}))$/;

/**
 * Undefined where the message claims nothing: it is no JSON object, or what it has is of another type.
 */
export function claimsOf(record: LogRecord, slice: Slice, { source, hasObjects }: Resource): Claims | undefined {
  const isCloudTrail = source === "cloudtrail";
  if (hasObjects) return claimsOfObject(messageOf(record, slice), isCloudTrail);
  const escaped = record.body ?? slice.text.slice(record.message, record.messageEnd);
  const mayHaveTags = escaped.includes(TAGS);
  const mayHaveHost = isCloudTrail && escaped.includes(INSTANCE);
  if (!mayHaveTags && !mayHaveHost) return undefined;
  const message = messageOf(record, slice);
  const log = objectIn(message);
  const ddtags = mayHaveTags && Object.hasOwn(log, TAGS) ? log[TAGS] : undefined;
  const host = mayHaveHost ? instanceIn(log) : "";
  if (typeof ddtags !== "string") return host ? { body: record.body, ddtags: "", host } : undefined;
  return { body: withoutMembers(message, membersOf(message), TAGS), ddtags, host };
}

/** Undefined where a transform left no object, or an empty one: then it is a message like any other. */
function claimsOfObject(message: string, isCloudTrail: boolean): Claims | undefined {
  const log = objectIn(message);
  const own = Object.hasOwn(log, TAGS) ? log[TAGS] : undefined;
  const ddtags = typeof own === "string" ? own : "";
  const rest = ddtags ? withoutMembers(message, membersOf(message), TAGS) : message;
  if (Object.keys(log).length <= (ddtags ? 1 : 0)) return undefined;
  const host = isCloudTrail ? instanceIn(log) : "";
  return { body: rest, ddtags, host, members: rest.slice(0, rest.lastIndexOf("}")).trimEnd() };
}

function objectIn(message: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function instanceIn({ userIdentity }: Record<string, unknown>): string {
  const arn = isJsonObject(userIdentity) ? userIdentity.arn : undefined;
  return (typeof arn === "string" && INSTANCE_SESSION.exec(arn)?.[1]) || "";
}
