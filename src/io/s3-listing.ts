/** The stored batches of one kind, oldest first, with no more than a few pages of keys in memory. */
import type { Kind } from "../delivery/failure-store.ts";
import type { ListedObject, ListedPage } from "./s3-bucket.ts";
import { isBatch, restKeyOf, timeOf } from "./s3-layout.ts";

export interface StoredKey {
  kind: Kind;
  key: string;
  storedAtUnixMs: number;
  /** Part of it was delivered, and the rest stands beside it: it is to be deleted, and not to be sent. */
  isSuperseded: boolean;
}

type ReadPage = (continuationToken: string | undefined) => Promise<ListedPage>;

/**
 * Keys come in the order of their names, which is that of time, to the second, for the names of both forwarders. Other
 * names count with the time of the object's last change, within their page.
 */
export class KindListing {
  readonly #kind: Kind;
  readonly #folder: string;
  readonly #readPage: ReadPage;
  /** Listed, but whether they are superseded is on the next page. */
  #undecided: ListedObject[] = [];
  /** By time, latest first. */
  #ready: StoredKey[] = [];
  #continuationToken: string | undefined;
  #isListed = false;

  /** @param folder ends with a slash */
  constructor(kind: Kind, folder: string, readPage: ReadPage) {
    this.#kind = kind;
    this.#folder = folder;
    this.#readPage = readPage;
  }

  /** The oldest, which stays; undefined = there are no more. */
  async first(): Promise<StoredKey | undefined> {
    while (this.#ready.length === 0 && !this.#isListed) await this.#readNext();
    return this.#ready.at(-1);
  }

  /** Takes away what `first` gave. */
  take(): void {
    this.#ready.pop();
  }

  /** Whether every key was listed and taken. */
  isAtEnd(): boolean {
    return this.#isListed && this.#ready.length === 0;
  }

  has(key: string): boolean {
    return key.startsWith(this.#folder);
  }

  async #readNext(): Promise<void> {
    const { objects, continuationToken } = await this.#readPage(this.#continuationToken);
    this.#continuationToken = continuationToken;
    this.#isListed = continuationToken === undefined;
    const listed = [...this.#undecided, ...objects];
    // Every key between another and its rest begins with that other key.
    const last = listed.at(-1)?.key ?? "";
    const firstUndecided = this.#isListed ? -1 : listed.findIndex(({ key }) => last.startsWith(key));
    const decided = firstUndecided < 0 ? listed.length : firstUndecided;
    this.#undecided = listed.slice(decided);
    const keys = new Set(listed.map(({ key }) => key));
    this.#ready = listed
      .slice(0, decided)
      .filter(({ key, bytes }) => isBatch(key.slice(this.#folder.length), bytes))
      .map(({ key, lastModifiedUnixMs }) => ({
        kind: this.#kind,
        key,
        storedAtUnixMs: timeOf(key.slice(this.#folder.length)) ?? lastModifiedUnixMs,
        isSuperseded: restKeyOf(key) !== key && keys.has(restKeyOf(key)),
      }))
      .sort((a, b) => a.storedAtUnixMs - b.storedAtUnixMs)
      .reverse();
  }
}

/** The next of all kinds, taken from its listing; undefined = there are no more. */
export async function takeOldest(listings: readonly KindListing[]): Promise<StoredKey | undefined> {
  const heads = await Promise.all(listings.map(async (listing) => ({ listing, first: await listing.first() })));
  let oldest: { listing: KindListing; first: StoredKey } | undefined;
  for (const { listing, first } of heads) {
    if (first && (!oldest || first.storedAtUnixMs < oldest.first.storedAtUnixMs)) oldest = { listing, first };
  }
  oldest?.listing.take();
  return oldest?.first;
}
