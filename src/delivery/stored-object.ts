/**
 * What stands in a failure store: gzip of a header, which is one line of JSON, and of the body of a batch as it is.
 *
 * Objects that a Datadog Forwarder left behind are read too: a JSON array, as text or as gzip of it.
 */
import { isUtf8 } from "node:buffer";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Kind } from "../destinations/destination.ts";
import type { FailedBatch } from "./failure-store.ts";

const VERSION = 1;
/** Bodies have a few megabytes; a Datadog Forwarder stores what one invocation of it could not deliver. */
const MAX_BYTES = 64 * 1024 * 1024;
const GZIP = [0x1f, 0x8b];
const LINE_FEED = 0x0a;

/** What a Datadog Forwarder stored. `elements` tells it from a batch. */
export interface LeftBehind {
  kind: Kind;
  /** Logs: texts, each the JSON of an item. Traces: `{message, tags}`. Metrics: objects. Nothing of that is checked. */
  elements: unknown[];
}

/** Sending it is in vain now and later: it is for a person. Says nothing of what is in it. */
export class UnreadableObjectError extends Error {
  override name = "UnreadableObjectError";
  constructor(problem: string) {
    super(`the stored object ${problem}: repair it and put it back among the failed events, or delete it`);
  }
}

/** The object is good, and stays where it is for a forwarder that understands it. */
export class NewerVersionError extends Error {
  override name = "NewerVersionError";
  constructor(version: number) {
    super(
      `the stored object has version ${version}, newer than ${VERSION}: redrive it with the version that stored it`,
    );
  }
}

/** The same batch gives the same bytes. */
export function encodeStored(batch: FailedBatch): Uint8Array {
  const { destination, form, kind, items, reason, answer, storedAtUnixMs, body } = batch;
  const header = { version: VERSION, destination, form, kind, items, reason, answer, storedAtUnixMs };
  return gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]));
}

/**
 * A batch that was stored, or what a Datadog Forwarder left behind. Whether the body of a batch has as many items as it
 * says, its destination must tell.
 *
 * @param kind by the place of the object
 * @throws {UnreadableObjectError}
 * @throws {NewerVersionError}
 */
export function decodeStored(bytes: Uint8Array, kind: Kind): FailedBatch | LeftBehind {
  const content = GZIP.every((byte, at) => bytes[at] === byte)
    ? unzip(bytes)
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lineEnd = content.indexOf(LINE_FEED);
  const header = lineEnd === -1 ? undefined : parse(content.subarray(0, lineEnd));
  if (isObject(header)) return { ...readHeader(header, kind), body: content.subarray(lineEnd + 1) };
  const elements = isUtf8(content) ? parse(content) : undefined;
  if (!Array.isArray(elements)) throw new UnreadableObjectError("is neither a batch behind a header nor a JSON array");
  return { kind, elements };
}

function unzip(bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new UnreadableObjectError(`has more than ${MAX_BYTES} bytes in its gzip`);
    throw new UnreadableObjectError(code === "Z_BUF_ERROR" ? "is gzip that is cut short" : "is gzip that is damaged");
  }
}

function readHeader(header: Record<string, unknown>, kind: Kind): Omit<FailedBatch, "body"> {
  const { version, destination, form, items, reason, answer, storedAtUnixMs } = header;
  if (!isFrom(1, version)) throw new UnreadableObjectError("has a header without a version");
  if (version > VERSION) throw new NewerVersionError(version);
  if (header.kind !== kind) throw new UnreadableObjectError(`does not say that it is of ${kind}, among which it was`);
  if (typeof destination !== "string" || destination === "") throw unreadable("destination", "a name");
  if (form !== undefined && typeof form !== "string") throw unreadable("form", "a name");
  if (!isFrom(1, items)) throw unreadable("items", "a whole number from 1 on");
  if (typeof reason !== "string") throw unreadable("reason", "a text");
  if (typeof answer !== "string") throw unreadable("answer", "a text");
  if (!isFrom(0, storedAtUnixMs)) throw unreadable("storedAtUnixMs", "a whole number of milliseconds");
  return { kind, destination, ...(form && { form }), items, reason, answer, storedAtUnixMs };
}

function unreadable(field: string, expected: string): UnreadableObjectError {
  return new UnreadableObjectError(`has a header whose ${field} is not ${expected}`);
}

/** Whether it is a whole number of at least so much. */
function isFrom(least: number, value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON, whose error would show a piece of it. */
function parse(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString());
  } catch {
    return undefined;
  }
}
