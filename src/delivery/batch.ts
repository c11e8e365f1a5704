/** Items in one request. */
import { ByteWriter } from "../destinations/byte-writer.ts";
import type { Destination, Items } from "../destinations/destination.ts";

/** A request's body, not compressed, and how many items are in it. */
export interface Batch {
  body: ByteWriter;
  items: number;
}

/** Memory of bodies that are under way no more. It stays with the process: memory that is new costs time to touch. */
export type FreeBodies = ByteWriter[];

/** Cuts items into bodies within the destination's limits, in order, nothing left out. */
export class Batcher {
  readonly #destination: Destination;
  readonly #free: FreeBodies;
  #body: ByteWriter | undefined;
  #items = 0;

  /** @param free where bodies are taken from; whoever is done with one puts it there */
  constructor(destination: Destination, free: FreeBodies) {
    this.#destination = destination;
    this.#free = free;
  }

  /** Adds items; each body is yielded when it is full. An item that is larger than a whole body travels alone. */
  *add({ count, write }: Items): Generator<Batch> {
    const { framing, limits } = this.#destination;
    const { separator, closing } = framing;
    for (let index = 0; index < count; index++) {
      let body = this.#body ?? this.#open();
      const before = body.length;
      if (this.#items > 0) body.bytes(separator);
      const start = body.length;
      write(index, body);
      const isOver = this.#items === limits.maxItems || body.length + closing.length > limits.maxBytes;
      if (this.#items > 0 && isOver) {
        const full = body;
        body = this.#open();
        body.bytes(full.view(start));
        full.truncate(before);
        yield this.#close(full);
      }
      this.#items++;
    }
  }

  /** The last body, if there is one. */
  *rest(): Generator<Batch> {
    if (this.#body) yield this.#close(this.#body);
    this.#body = undefined;
  }

  #open(): ByteWriter {
    const body = this.#free.pop() ?? new ByteWriter();
    body.reset();
    body.bytes(this.#destination.framing.opening);
    this.#body = body;
    return body;
  }

  #close(body: ByteWriter): Batch {
    body.bytes(this.#destination.framing.closing);
    const items = this.#items;
    this.#items = 0;
    return { body, items };
  }
}
