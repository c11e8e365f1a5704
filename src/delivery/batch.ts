/** Items in one request. */
import { ByteWriter } from "../destinations/byte-writer.ts";
import type { Destination, Group, Items } from "../destinations/destination.ts";

/** A request's body, not compressed, and how many items are in it. The body is valid until the next is asked for. */
export interface Batch {
  body: Uint8Array;
  items: number;
}

/**
 * Memory that no batcher uses, by the destination it served. It stays with the process, as memory that is new costs time to
 * touch, and serves the same destination again: only those whose bodies are large come to hold much.
 */
export type FreeMemory = Map<string, ByteWriter>;

/** Cuts items into bodies within the destination's limits, in order, nothing left out. */
export class Batcher {
  readonly #destination: Destination;
  readonly #free: FreeMemory;
  readonly #body: ByteWriter;
  #items = 0;
  /** The one that is open, and where it begins. */
  #group: Group | undefined;
  #groupStart = 0;

  /** @param free where its memory is from, and where it is put when the rest is taken */
  constructor(destination: Destination, free: FreeMemory) {
    this.#destination = destination;
    this.#free = free;
    this.#body = free.get(destination.name) ?? new ByteWriter();
    this.#body.reset();
    free.delete(destination.name);
  }

  /** Adds items; each body is yielded when it is full. An item that is larger than a whole body travels alone. */
  *add({ count, write, groupOf }: Items): Generator<Batch> {
    const { framing, limits } = this.#destination;
    const body = this.#body;
    for (let index = 0; index < count; index++) {
      const before = body.length;
      const [openGroup, openStart] = [this.#group, this.#groupStart];
      const group = groupOf?.(index);
      this.#begin(group);
      const start = body.length;
      write(index, body);
      const closingBytes = framing.closing.length + (group?.closingBytes ?? 0);
      const isOver = this.#items === limits.maxItems || body.length + closingBytes > limits.maxBytes;
      if (this.#items > 0 && isOver) {
        // The item that was too much is the first of the next body.
        const item = Buffer.from(body.view(start));
        body.truncate(before);
        this.#group = openGroup;
        this.#groupStart = openStart;
        yield this.#close();
        body.reset();
        this.#begin(group);
        body.bytes(item);
      }
      this.#items++;
    }
  }

  /** The last body, if there is one. Nothing can be added any more. */
  *rest(): Generator<Batch> {
    if (this.#items > 0) yield this.#close();
    this.#free.set(this.#destination.name, this.#body);
  }

  /** Appends what stands before an item of the group. */
  #begin(group: Group | undefined): void {
    const { opening, separator } = this.#destination.framing;
    const isNewGroup = group !== this.#group;
    if (isNewGroup) this.#group?.close(this.#body, this.#groupStart);
    this.#body.bytes(this.#items === 0 ? opening : separator);
    if (!isNewGroup) return;
    this.#group = group;
    this.#groupStart = this.#body.length;
    group?.open(this.#body);
  }

  #close(): Batch {
    this.#group?.close(this.#body, this.#groupStart);
    this.#group = undefined;
    this.#body.bytes(this.#destination.framing.closing);
    const items = this.#items;
    this.#items = 0;
    return { body: this.#body.view(), items };
  }
}
