/**
 * Finds the events in a content of any kind that logs are stored in, piece by piece.
 *
 * A line is an event. A JSON object is one too, however many lines it has and whatever it is glued to, and so is each
 * element of a list, or of the list in an object of CloudTrail or AWS Config. A delivery of CloudWatch Logs is what it would
 * be from CloudWatch Logs. What is damaged in any of that is lines again, so that it costs nothing but itself.
 */
import { ContentCourse, type Mode, type Take } from "./content-course.ts";
import { ContentEvents } from "./content-events.ts";
import { takeGroup } from "./content-group.ts";
import { type Columns, ContentHeader, columnsIn } from "./content-header.ts";
import { takeElement, takeTail } from "./content-list.ts";
import { takeStart, takeTop } from "./content-top.ts";
import { EnclosedDelivery } from "./enclosed-delivery.ts";
import type { EventWriter } from "./event-writer.ts";
import { takeLong } from "./long-event.ts";
import type { Cut, Part, UnreadableEventError } from "./source.ts";

const TAKE: Record<Exclude<Mode, "envelope">, Take> = {
  start: takeStart,
  top: takeTop,
  elements: takeElement,
  tail: takeTail,
  group: takeGroup,
  long: takeLong,
};

/** In which another reader can go on. */
const RESUMABLE = ["top", "elements", "tail", "group"] as const;

/** What goes with a place in the content, so that another reader can go on there. */
export interface ContentState {
  mode: Mode;
  /** Whether the list stands in an object. */
  isInObject: boolean;
  /** Of lines that have a header of their own. */
  columns: Columns | undefined;
}

/** What another reader noted; of anything else, that it is between events. */
export function contentStateIn(noted: object): ContentState {
  const { mode, isInObject, columns } = noted as Record<string, unknown>;
  const known = RESUMABLE.find((name) => name === mode) ?? "top";
  return { mode: known, isInObject: isInObject === true, columns: columnsIn(columns) };
}

export interface ContentOptions {
  cut: Cut;
  beginsEvent?: ((line: string) => boolean) | undefined;
  /** From where an earlier reader stopped; without it, from the beginning. */
  resumed?: { byte: number; line: number; state: ContentState } | undefined;
}

export class ContentReader {
  readonly #writer: EventWriter;
  readonly #cut: Cut;
  readonly #course: ContentCourse;
  /** What came and is not read yet. */
  #rest = Buffer.alloc(0);
  #delivery: EnclosedDelivery | undefined;
  /** Of the first delivery that is damaged. */
  #problem: UnreadableEventError | undefined;

  constructor(writer: EventWriter, { cut, beginsEvent, resumed }: ContentOptions) {
    this.#writer = writer;
    this.#cut = cut;
    const header = new ContentHeader(resumed && (resumed.state.columns ?? null));
    this.#course = new ContentCourse(new ContentEvents(writer, header, resumed?.line ?? 0), beginsEvent);
    if (!resumed) return;
    this.#course.base = resumed.byte;
    this.#course.mode = resumed.state.mode;
    this.#course.isInObject = resumed.state.isInObject;
  }

  /** Where another reader can go on when all parts so far are taken; undefined in the middle of something. */
  get place(): { byte: number; line: number; state: ContentState } | undefined {
    const { mode, isInObject, base, events } = this.#course;
    if (!(RESUMABLE as readonly Mode[]).includes(mode)) return undefined;
    return { byte: base, line: events.count, state: { mode, isInObject, columns: events.header.columns } };
  }

  /**
   * The parts that can be made of what has come. Each is valid until the next is asked for.
   *
   * @param piece the next bytes; they may be used again afterwards
   * @param isLast whether no more will come
   * @throws {UnreadableEventError} when a delivery of CloudWatch Logs is damaged
   */
  *read(piece: Buffer, isLast: boolean): Generator<Part> {
    const course = this.#course;
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    for (;;) {
      const { mode } = course;
      const next = mode === "envelope" ? this.#deliveryEnd(bytes, at, isLast) : TAKE[mode](course, bytes, at, isLast);
      if (next === -1) break;
      const taken = bytes.subarray(at, next);
      course.base += next - at;
      at = next;
      if (mode === "envelope") yield* this.#readDelivery(taken);
      else if (this.#writer.isFull) yield* this.#writer.take();
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    if (!isLast) return;
    yield* this.#writer.take();
    if (this.#problem) throw this.#problem;
  }

  /** What is written so far, where an error ends the reading. */
  flush(): Generator<Part> {
    return this.#writer.take();
  }

  /** Where the delivery ends, or what there is of it; -1: there is nothing. */
  #deliveryEnd(bytes: Buffer, at: number, isLast: boolean): number {
    const course = this.#course;
    const extent = course.extent.scan(bytes, at);
    course.extent.forget();
    const end = extent ? ("end" in extent ? extent.end : extent.brokenAt) : bytes.length;
    if (extent || isLast) course.become("top");
    return end === at && !isLast ? -1 : end;
  }

  /** What is wrong with one delivery is thrown when all others are read. */
  *#readDelivery(piece: Buffer): Generator<Part> {
    const isEnd = this.#course.mode !== "envelope";
    this.#delivery ??= new EnclosedDelivery(this.#cut);
    yield* this.#delivery.read(piece, isEnd);
    if (!isEnd) return;
    this.#problem ??= this.#delivery.problem;
    this.#delivery = undefined;
  }
}
