/** Where the objects of a forwarder are in its bucket, and what their names say: the Datadog Forwarder's layout. */
import { createHash, randomBytes } from "node:crypto";
import type { Kind } from "../delivery/failure-store.ts";

const REST = ".rest";
/** S3's limit, in UTF-8. */
const MAX_KEY_BYTES = 1024;
/** Ours: `<unix ms>-<random hex>.gz`. The Datadog Forwarder's: the unix time in seconds, as Python prints a float. */
const NAME = /^(?:(\d{13})-[0-9a-f]{1,64}\.gz|(\d{10}(?:\.\d{1,9})?))(?:\.rest)*$/;
/** An empty object that the Datadog Forwarder may have left beside its batches. */
const DATADOG_LOCK = "lock";

export interface Layout {
  /** Everything of one forwarder. */
  folder: string;
  lease: string;
  /** What is to be sent again. */
  kindFolder(kind: Kind): string;
  /** What only a person can do something with. */
  quarantineFolder(kind: Kind): string;
}

/** Folders end with a slash. */
export function layoutFor(functionArn: string): Layout {
  const folder = `failed_events/${createHash("sha1").update(functionArn.toLowerCase()).digest("hex")}/`;
  return {
    folder,
    lease: `${folder}redrive.lease`,
    kindFolder: (kind) => `${folder}${kind}/`,
    quarantineFolder: (kind) => `${folder}quarantine/${kind}/`,
  };
}

/** A name that nothing else has, and that sorts by time. */
export function newName(storedAtUnixMs: number): string {
  return `${String(Math.trunc(storedAtUnixMs)).padStart(13, "0")}-${randomBytes(8).toString("hex")}.gz`;
}

/** When the batch was put aside; undefined for a name that is nobody's. */
export function timeOf(name: string): number | undefined {
  const [, unixMs, unixSeconds] = NAME.exec(name) ?? [];
  if (unixMs !== undefined) return Number(unixMs);
  return unixSeconds === undefined ? undefined : Math.floor(Number(unixSeconds) * 1000);
}

/** Not what a console makes to show an empty folder, nor the Datadog Forwarder's lock. */
export function isBatch(name: string, bytes: number): boolean {
  return bytes > 0 || !(name === "" || name.endsWith("/") || name === DATADOG_LOCK);
}

/** Where the rest of a batch goes whose other part was delivered; the object itself where a longer key is not possible. */
export function restKeyOf(key: string): string {
  return Buffer.byteLength(key) + REST.length > MAX_KEY_BYTES ? key : key + REST;
}
