/** What stands around the log events of a delivery. */

/** Between the envelope's own keys and its log events. */
export const EVENTS = '"logEvents":[';

export interface Envelope {
  messageType: string;
  owner: string;
  logGroup: string;
  logStream: string;
}

/** The envelope that a parsed JSON value is; undefined when it is none. */
export function envelopeIn(value: unknown): Envelope | undefined {
  if (!isObject(value)) return undefined;
  const { messageType, owner, logGroup, logStream } = value;
  if (typeof messageType !== "string" || typeof logGroup !== "string" || typeof logStream !== "string")
    return undefined;
  return { messageType, owner: typeof owner === "string" ? owner : "", logGroup, logStream };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
