import type { ReceivedSpan } from "./received.ts";
import { type PeerKind, peerOf } from "./span-facts.ts";

/** Who was asked, and who asked whom, in one trace. */
export interface TraceShape {
  /** The spans with which a service begins to work: its requests. */
  entries: ReceivedSpan[];
  calls: Call[];
  /** The root, or what comes nearest to it: the first of the spans whose parent is not there. */
  root: ReceivedSpan | undefined;
}

export interface Call {
  from: string;
  to: string;
  toKind: PeerKind;
  /** The span that tells of it: the callee's, or the caller's where the callee sent none. */
  span: ReceivedSpan;
}

/**
 * A span begins its service's work when its parent is of another service, or is not there. Where a caller's span has no
 * child in another service, its attributes tell whom it called. The order of the spans makes no difference.
 */
export function shapeOf(spans: ReceivedSpan[]): TraceShape {
  const byId = new Map<string, ReceivedSpan>();
  for (const span of spans) {
    const other = byId.get(span.spanId);
    if (!other || comesFirst(span, other)) byId.set(span.spanId, span);
  }
  const answered = new Set<ReceivedSpan>();
  const shape: TraceShape = { entries: [], calls: [], root: undefined };
  const tops: ReceivedSpan[] = [];
  for (const span of spans) {
    const parent = span.parentId === null ? undefined : byId.get(span.parentId);
    if (parent && parent !== span && parent.service === span.service) continue;
    shape.entries.push(span);
    if (!parent || parent === span) {
      tops.push(span);
      continue;
    }
    answered.add(parent);
    shape.calls.push({ from: parent.service, to: span.service, toKind: peerOf(span)?.kind ?? "service", span });
  }
  for (const span of spans) {
    if (answered.has(span)) continue;
    const peer = peerOf(span);
    if (peer) shape.calls.push({ from: span.service, to: peer.name, toKind: peer.kind, span });
  }
  shape.root = firstOf(tops.length > 0 ? tops : spans);
  return shape;
}

/** The first by time; of those that began together the longest, then by id. */
function firstOf(spans: ReceivedSpan[]): ReceivedSpan | undefined {
  return spans.reduce<ReceivedSpan | undefined>(
    (first, span) => (!first || comesFirst(span, first) ? span : first),
    undefined,
  );
}

export function comesFirst(a: ReceivedSpan, b: ReceivedSpan): boolean {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) return a.startTimeUnixNano < b.startTimeUnixNano;
  if (a.durationNano !== b.durationNano) return a.durationNano > b.durationNano;
  return a.spanId < b.spanId;
}
