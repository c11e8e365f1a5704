/** Where the time of a trace went: each service's own share, and the path that decided how long it took. */
import type { ReceivedSpan } from "./received.ts";

/** In nanoseconds since the trace began: doubles are exact for a hundred days. */
interface Timed {
  span: ReceivedSpan;
  start: number;
  end: number;
  children: Timed[];
}

export interface TraceTimes {
  /** Of each service, in ms: what its spans took less what their children took, the longest first. */
  services: { service: string; selfTimeMs: number }[];
  /** By span id. */
  selfTimesMs: Map<string, number>;
  /** From the root on, by start. */
  criticalPath: string[];
}

/** @param spans of one trace, in the order of their start */
export function traceTimes(spans: ReceivedSpan[]): TraceTimes {
  const roots = treesOf(spans);
  const services = new Map<string, number>();
  const selfTimesMs = new Map<string, number>();
  for (const timed of everything(roots)) {
    const ms = selfTime(timed) / 1e6;
    selfTimesMs.set(timed.span.spanId, ms);
    services.set(timed.span.service, (services.get(timed.span.service) ?? 0) + ms);
  }
  return {
    services: [...services]
      .map(([service, selfTimeMs]) => ({ service, selfTimeMs }))
      .sort((a, b) => b.selfTimeMs - a.selfTimeMs || (a.service < b.service ? -1 : 1)),
    selfTimesMs,
    criticalPath: roots[0] ? criticalPath(roots[0]) : [],
  };
}

/** Spans whose parent is not there are roots, and so is the first of those that are parents of each other. */
function treesOf(spans: ReceivedSpan[]): Timed[] {
  const begin = spans[0]?.startTimeUnixNano ?? 0n;
  const timed = spans.map((span): Timed => {
    const start = Number(span.startTimeUnixNano - begin);
    return { span, start, end: start + Math.max(0, Number(span.durationNano)), children: [] };
  });
  const byId = new Map<string, Timed>();
  for (const one of timed) if (!byId.has(one.span.spanId)) byId.set(one.span.spanId, one);
  const parents = new Map<Timed, Timed>();
  const roots: Timed[] = [];
  for (const one of timed) {
    const parent = one.span.parentId === null ? undefined : byId.get(one.span.parentId);
    if (!parent || parent === one) roots.push(one);
    else {
      parent.children.push(one);
      parents.set(one, parent);
    }
  }
  const reached = new Set(everything(roots));
  for (const one of timed) {
    if (reached.has(one)) continue;
    // Its parent is one of its descendants, and lets go of it.
    const parent = parents.get(one);
    if (parent) parent.children = parent.children.filter((child) => child !== one);
    roots.push(one);
    for (const found of everything([one])) reached.add(found);
  }
  return roots;
}

function everything(roots: Timed[]): Timed[] {
  const found = [...roots];
  // What is appended is visited too.
  for (const one of found) for (const child of one.children) found.push(child);
  return found;
}

/** What is not covered by its children, however they overlap and whether or not they outlive it. */
function selfTime({ start, end, children }: Timed): number {
  let covered = 0;
  let at = start;
  // Children are in the order of their start.
  for (const child of children) {
    const from = Math.max(at, child.start);
    const to = Math.min(end, child.end);
    if (to <= from) continue;
    covered += to - from;
    at = to;
  }
  return end - start - covered;
}

/** From its end back: what ended last is what was waited for, then what ended last before that began. */
function criticalPath(root: Timed): string[] {
  const path: Timed[] = [];
  const open: { timed: Timed; until: number }[] = [{ timed: root, until: root.end }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { timed, until } = next;
    path.push(timed);
    let at = until;
    for (const child of [...timed.children].sort((a, b) => b.end - a.end || b.start - a.start)) {
      // One that outlives its parent was waited for until the parent's end.
      const end = at === until ? Math.min(child.end, until) : child.end;
      if (child.start >= at || end > at) continue;
      open.push({ timed: child, until: end });
      at = child.start;
    }
  }
  return path.sort((a, b) => a.start - b.start).map(({ span }) => span.spanId);
}
