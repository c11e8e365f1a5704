/** How far the reading of a content has come: what its readers, one for each mode, know together. */
import type { ContentEvents } from "./content-events.ts";
import { JsonExtent } from "./json-extent.ts";

/**
 * `top`: between events. `elements`: in the list that holds the events. `tail`: behind it, in the object around it.
 * `group`: events of several lines. `long`: in an event that is cut. `envelope`: in a delivery of CloudWatch Logs.
 */
export type Mode = "start" | "top" | "elements" | "tail" | "group" | "long" | "envelope";

/**
 * Reads what stands at `at`, and gives where it ends; -1 when more has to come first, or there is no more.
 *
 * @param bytes what came and is not read yet
 * @param isLast whether no more will come
 */
export type Take = (course: ContentCourse, bytes: Buffer, at: number, isLast: boolean) => number;

/** An event that is too long. */
export interface LongEvent {
  front: Buffer;
  /** That it has so far. */
  bytes: number;
  isJson: boolean;
  /** What follows it. */
  back: Mode;
}

export class ContentCourse {
  readonly events: ContentEvents;
  readonly beginsEvent: ((line: string) => boolean) | undefined;
  /** Of the value that is looked at. */
  readonly extent = new JsonExtent();
  mode: Mode = "start";
  /** Whether the list stands in an object. */
  isInObject = false;
  /** Where the bytes that are not read yet begin in the content. */
  base = 0;
  /** Up to here in the content, lines are lines, whatever they look like. */
  textUntil = 0;
  /** Of a group of lines, how many bytes are known not to begin another event. */
  grouped = 0;
  long: LongEvent | undefined;

  /** @param beginsEvent whether a line begins an event; undefined: each line is one */
  constructor(events: ContentEvents, beginsEvent: ((line: string) => boolean) | undefined) {
    this.events = events;
    this.beginsEvent = beginsEvent;
  }

  become(mode: Mode): void {
    this.mode = mode;
    this.extent.reset();
  }
}
