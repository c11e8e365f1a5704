/** Which log events are in an object of the failure store, and for whom. */
import { gunzipSync } from "node:zlib";
import { endpointOf } from "./backends.ts";
import { logIdsIn } from "./item-ids.ts";

/** What an object of the store is for, and the copies in it. */
export interface StoredIds {
  destination: string;
  ids: string[];
}

/**
 * @param object of the failure store: gzip of a line of JSON, which says what it is, and a body; or what a Datadog
 * Forwarder stored, a list of texts
 */
export function storedIdsIn(object: Buffer): StoredIds {
  if (object[0] === "[".charCodeAt(0)) {
    const ids = (JSON.parse(object.toString()) as string[]).flatMap((text) => logIdsIn(Buffer.from(`[${text}]`)));
    return { destination: "datadog-logs", ids };
  }
  const content = gunzipSync(object);
  const endOfHeader = content.indexOf("\n");
  const header = JSON.parse(content.toString("utf8", 0, endOfHeader)) as { destination: string; items: number };
  const { destination, items } = header;
  const ids = endpointOf(destination).idsIn(content.subarray(endOfHeader + 1));
  if (ids.length !== items) throw new Error(`its header says ${items} items and there are ${ids.length}`);
  return { destination, ids };
}
