/** Sends stored batches again. Loaded only when there is a redrive. */
import type { Destination, Kind } from "../destinations/destination.ts";
import { storedItemsOf } from "../destinations/stored-items.ts";
import type { Span } from "../telemetry.ts";
import { bodyOf, deliverItems, formOf, framed, type Undelivered } from "./bisect.ts";
import { type Circuits, Courier } from "./courier.ts";
import type { FailedBatch, RedriveStore, StoredBatch, StoredBatches } from "./failure-store.ts";
import { count, type RedriveBooks } from "./ledger.ts";
import { failedBatchOf } from "./put-aside.ts";
import { decodeStored, type LeftBehind, NewerVersionError, UnreadableObjectError } from "./stored-object.ts";
import type { Clock, World } from "./world.ts";

/** Less is not enough to take up more batches. */
const MIN_MS = 1_000;

export interface Redrive {
  store: RedriveStore;
  /** Of these kinds alone; others stay. */
  kinds: readonly Kind[];
  destinations: readonly Destination[];
  circuits: Circuits;
  clock: Clock;
  worldOf(destination: Destination): World;
  books: RedriveBooks;
  /** Told what a person must look at, with its place. */
  report(problem: string): void;
  /** For spans that a Datadog Forwarder left behind as its functions wrote them. */
  changeSpan(span: Span): Span;
}

/**
 * Takes stored batches out, oldest first, until there are none, the time is nearly up, or an intake is down. A batch
 * leaves the store only after all of it is delivered, or kept elsewhere in it.
 *
 * @returns whether it ran; false: another redrive is under way
 * @throws {Error} when the store cannot be read
 */
export async function redrive(given: Redrive): Promise<boolean> {
  const { store, kinds, clock } = given;
  const batches = await store.open(kinds, clock.storeDeadlineUnixMs);
  if (!batches) return false;
  try {
    await new Redriver(given).empty(batches);
  } finally {
    await batches.close().catch((error: Error) => given.report(`the redrive was not closed: ${error.message}`));
  }
  return true;
}

class Redriver {
  readonly #given: Redrive;
  readonly #couriers: Courier[];
  /** Kinds of which a batch was tried. */
  readonly #tried = new Set<Kind>();

  constructor(given: Redrive) {
    this.#given = given;
    const { destinations, worldOf, books, circuits } = given;
    this.#couriers = destinations.map((destination) => new Courier(destination, worldOf(destination), books, circuits));
  }

  async empty(batches: StoredBatches): Promise<void> {
    const { clock, books, kinds } = this.#given;
    let lastStoredAtUnixMs = 0;
    for (;;) {
      const isOver = clock.msLeft() < MIN_MS || kinds.every((kind) => this.#isDown(kind));
      // What was not reached is as old as what came last, or younger.
      if (isOver && lastStoredAtUnixMs > 0) return this.#stays(lastStoredAtUnixMs);
      const claimed = await batches.claim();
      if (claimed.length === 0) return;
      books.batches += claimed.length;
      await Promise.all(claimed.map((batch) => this.#redrive(batch)));
      lastStoredAtUnixMs = Math.max(...claimed.map(({ storedAtUnixMs }) => storedAtUnixMs));
    }
  }

  /** Whether all that take this kind have been tried and are down. */
  #isDown(kind: Kind): boolean {
    const { circuits } = this.#given;
    const own = this.#couriers.filter(({ destination }) => destination.kind === kind);
    return this.#tried.has(kind) && own.every(({ destination }) => circuits.get(destination.name)?.isOpen);
  }

  async #redrive(stored: StoredBatch): Promise<void> {
    const { report } = this.#given;
    if (this.#isDown(stored.kind)) return this.#leave(stored, "intake down");
    this.#tried.add(stored.kind);
    try {
      await this.#redriveContent(stored, decodeStored(await stored.read(), stored.kind));
    } catch (error) {
      if (error instanceof UnreadableObjectError) return this.#quarantine(stored, error.message);
      this.#leave(stored, error instanceof NewerVersionError ? "newer version" : "store error");
      report(`${stored.place} stays: ${messageOf(error)}`);
    }
  }

  async #quarantine(stored: StoredBatch, problem: string): Promise<void> {
    const { report, books } = this.#given;
    try {
      await stored.quarantine();
      books.quarantined++;
      report(`${stored.place} cannot be understood: ${problem}. It is kept in quarantine`);
    } catch (error) {
      this.#leave(stored, "store error");
      report(`${stored.place} stays, and cannot be understood: ${problem}; ${messageOf(error)}`);
    }
  }

  async #redriveContent(stored: StoredBatch, content: FailedBatch | LeftBehind): Promise<void> {
    const courier = this.#couriers.find(({ destination }) =>
      "destination" in content
        ? destination.name === content.destination
        : destination.kind === content.kind && destination.backend === "datadog",
    );
    if (!courier) {
      this.#leave(stored, "no such destination");
      const name = "destination" in content ? content.destination : `datadog-${content.kind}`;
      return this.#given.report(`${stored.place} stays: its destination, ${name}, is not configured`);
    }
    if ("destination" in content && (content.form ?? content.destination) !== formOf(courier.destination)) {
      this.#leave(stored, "other form");
      return this.#given.report(
        `${stored.place} stays: ${content.destination} is of another type now; give the new one another name`,
      );
    }
    const { items, unreadable } = this.#itemsOf(content, courier.destination);
    const { books } = this.#given;
    books.offered += items.length;
    if (stored.isPossiblyDelivered) books.possiblyDuplicated += items.length;
    const rest: Undelivered[] = [];
    for (const body of bodiesOf(items, courier.destination)) rest.push(...(await deliverItems(body, courier)));
    for (const part of rest) count(books.stored, part.reason, part.items);
    await this.#settle(stored, items.length, rest, unreadable, courier);
  }

  #itemsOf(
    content: FailedBatch | LeftBehind,
    destination: Destination,
  ): { items: Uint8Array[]; unreadable: Uint8Array[] } {
    const { leftBehind, inTime, retried } = storedItemsOf(formOf(destination));
    const { items, unreadable } =
      "body" in content
        ? { items: itemsOf(content), unreadable: [] }
        : leftBehind(content.elements, this.#given.changeSpan);
    const nowUnixMs = this.#given.clock.nowUnixMs();
    const timely = items.map((item) => inTime(item, nowUnixMs));
    this.#given.books.late += timely.filter((item, index) => item !== items[index]).length;
    return { items: timely.map(retried), unreadable };
  }

  /** Keeps what was not delivered, and only then takes the batch out of the store. */
  async #settle(
    stored: StoredBatch,
    offered: number,
    rest: readonly Undelivered[],
    unreadable: readonly Uint8Array[],
    courier: Courier,
  ): Promise<void> {
    const { store, clock, books } = this.#given;
    const { storedAtUnixMs } = stored;
    const later = rest.filter(({ isRefused }) => !isRefused);
    const laterItems = later.reduce((sum, { items }) => sum + items, 0);
    if (laterItems > 0) this.#stays(storedAtUnixMs);
    try {
      for (const part of rest.filter(({ isRefused }) => isRefused)) {
        await store.put(failedBatchOf(part, courier, storedAtUnixMs), true, clock.storeDeadlineUnixMs);
      }
      if (unreadable.length > 0) {
        await store.put(unreadableBatch(unreadable, courier, storedAtUnixMs), true, clock.storeDeadlineUnixMs);
      }
      if (laterItems === 0) await stored.remove();
      else if (laterItems < offered || unreadable.length > 0) {
        await stored.replace(failedBatchOf(joined(later, courier.destination), courier, storedAtUnixMs));
      }
    } catch (error) {
      // What was delivered stays in the store, and will be sent again.
      books.possiblyDuplicated += offered - laterItems;
      throw error;
    }
  }

  #leave(stored: StoredBatch, reason: string): void {
    count(this.#given.books.left, reason, 1);
    this.#stays(stored.storedAtUnixMs);
  }

  #stays(storedAtUnixMs: number): void {
    const { books, clock } = this.#given;
    const ageSeconds = Math.max(0, Math.round((clock.nowUnixMs() - storedAtUnixMs) / 1_000));
    books.oldestStoredAgeSeconds = Math.max(books.oldestStoredAgeSeconds, ageSeconds);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown error";
}

/** @throws {UnreadableObjectError} */
function itemsOf({ destination, form = destination, body, items }: FailedBatch): Uint8Array[] {
  try {
    const found = storedItemsOf(form).itemsIn(body);
    if (found.length === items) return found;
  } catch {
    // The message may show a piece of it.
  }
  throw new UnreadableObjectError("has a body that is not of the items it says");
}

/** Items in as many groups as the limits of a request ask for. */
function* bodiesOf(items: readonly Uint8Array[], { framing, limits }: Destination): Generator<Uint8Array[]> {
  const frameBytes = framing.opening.length + framing.closing.length;
  let group: Uint8Array[] = [];
  let bytes = frameBytes;
  for (const item of items) {
    const more = framing.separator.length + item.length;
    if (group.length > 0 && (group.length === limits.maxItems || bytes + more > limits.maxBytes)) {
      yield group;
      [group, bytes] = [[], frameBytes];
    }
    group.push(item);
    bytes += more;
  }
  if (group.length > 0) yield group;
}

function joined(parts: readonly Undelivered[], destination: Destination): Undelivered {
  const [first] = parts as [Undelivered];
  const items = parts.flatMap(({ body }) => storedItemsOf(formOf(destination)).itemsIn(body));
  return { ...first, body: bodyOf(items, destination), items: items.length };
}

/** What a Datadog Forwarder stored and nobody can read, as a list of JSON. */
function unreadableBatch(elements: readonly Uint8Array[], courier: Courier, storedAtUnixMs: number): FailedBatch {
  const [opening, separator, closing] = ["[", ",", "]"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  const body = framed(elements, { opening, separator, closing });
  const part = { body, items: elements.length, reason: "unreadable", isRefused: true, answer: "" };
  return failedBatchOf(part, courier, storedAtUnixMs);
}
