/** What is found in a content, written as log events. */
import type { ContentHeader } from "./content-header.ts";
import { cutMessage } from "./cut-message.ts";
import type { EventWriter } from "./event-writer.ts";

/** A longer event is cut: more than any backend takes. */
export const MAX_EVENT_BYTES = 1024 * 1024;
/** Of a line, to tell what it is. */
export const MAX_TESTED_BYTES = 4096;

export class ContentEvents {
  readonly #writer: EventWriter;
  readonly header: ContentHeader;
  #count: number;

  /** @param count of the events before them */
  constructor(writer: EventWriter, header: ContentHeader, count: number) {
    this.#writer = writer;
    this.header = header;
    this.#count = count;
  }

  /** How many events there are so far. */
  get count(): number {
    return this.#count;
  }

  /** A line, unless it is a header. @param byte where it stands in the content */
  addLine(bytes: Buffer, start: number, end: number, byte: number): void {
    const { header } = this;
    const isHeader =
      !header.isOver && header.takes(bytes.toString("utf8", start, Math.min(end, start + MAX_TESTED_BYTES)), byte);
    if (isHeader) this.#writer.drop("header");
    else this.add(bytes, start, end);
  }

  add(bytes: Buffer, start: number, end: number): void {
    if (end - start > MAX_EVENT_BYTES) {
      this.addCut(bytes.subarray(start, start + MAX_EVENT_BYTES), end - start);
    } else if (end > start) {
      const message = bytes.toString("utf8", start, end);
      this.#write(message, this.header.membersOf(message));
    }
  }

  /** @param wholeBytes that it had */
  addCut(front: Buffer, wholeBytes: number): void {
    this.#write(cutMessage(front), { truncated: wholeBytes });
  }

  #write(message: string, others: Record<string, unknown> | undefined): void {
    this.header.end();
    this.#count++;
    this.#writer.add(message, others);
  }
}
