/** What stands in the lines of a waterfall: spans as a tree, each with its logs below it. */
import type { ApiLog, ApiTrace, ApiTraceSpan } from "../api-types.ts";

export interface SpanRow {
  kind: "span";
  /** Of the row; differs between all rows of a trace. */
  key: string;
  span: ApiTraceSpan;
  /** 0 for roots. */
  depth: number;
  /** Logs and spans directly below. */
  children: number;
  isOpen: boolean;
  /** Of its own, also when they are not shown below it. */
  logs: ApiLog[];
  position: number;
  siblings: number;
}

export interface LogRow {
  kind: "log";
  key: string;
  log: ApiLog;
  depth: number;
  position: number;
  siblings: number;
}

export type Row = SpanRow | LogRow;

interface Node {
  span: ApiTraceSpan;
  key: string;
  children: Node[];
  logs: ApiLog[];
}

/** Moments since 1970; what is at neither end is outside. */
export interface Shown {
  fromMs: number;
  toMs: number;
}

/** A trace as a tree; worked out once, as a trace may have ten thousands of spans. */
export interface Tree {
  nodes: Node[];
  roots: Node[];
  /** Logs of no span, or of one that is not there. */
  looseLogs: ApiLog[];
  /** The parent of each, by key. */
  parents: ReadonlyMap<string, string>;
  keyBySpanId: ReadonlyMap<string, string>;
}

/** Spans whose parent is not there are roots, and so is the first of those that are parents of each other. */
export function treeOf({ spans, logs }: Pick<ApiTrace, "spans" | "logs">): Tree {
  const nodes = spans.map((span, at): Node => ({ span, key: `s${at}`, children: [], logs: [] }));
  const bySpanId = new Map<string, Node>();
  for (const node of nodes) if (!bySpanId.has(node.span.spanId)) bySpanId.set(node.span.spanId, node);
  const parents = new Map<Node, Node>();
  for (const node of nodes) {
    const parent = node.span.parentId === null ? undefined : bySpanId.get(node.span.parentId);
    if (parent && parent !== node) parents.set(node, parent);
  }
  cutCircles(nodes, parents);
  const roots: Node[] = [];
  for (const node of nodes) {
    const parent = parents.get(node);
    (parent ? parent.children : roots).push(node);
  }
  const looseLogs: ApiLog[] = [];
  for (const log of logs) {
    const node = log.spanId === null ? undefined : bySpanId.get(log.spanId);
    (node ? node.logs : looseLogs).push(log);
  }
  return {
    nodes,
    roots,
    looseLogs,
    parents: new Map([...parents].map(([child, parent]) => [child.key, parent.key])),
    keyBySpanId: new Map([...bySpanId].map(([id, { key }]) => [id, key])),
  };
}

/** Follows each node up once; who comes back to a node of the same walk has found a circle. */
function cutCircles(nodes: Node[], parents: Map<Node, Node>): void {
  const walkOf = new Map<Node, number>();
  for (const [walk, start] of nodes.entries()) {
    for (let node: Node | undefined = start; node; node = parents.get(node)) {
      const seen = walkOf.get(node);
      if (seen === walk) parents.delete(node);
      if (seen !== undefined) break;
      walkOf.set(node, walk);
    }
  }
}

/**
 * The lines that are shown, from the top.
 *
 * @param closed keys of spans whose insides are hidden
 * @param hasLogs whether logs stand in lines of their own
 * @param shown undefined: all of the time. Otherwise spans and logs of it, and the spans that these are in
 */
export function rowsOf(tree: Tree, closed: ReadonlySet<string>, hasLogs: boolean, shown?: Shown): Row[] {
  const rows: Row[] = [];
  const kept = shown && keptIn(tree, hasLogs, shown);
  const isKept = ({ key }: Node): boolean => kept === undefined || kept.has(key);
  const isShown = ({ timeMs }: ApiLog): boolean => !shown || (timeMs >= shown.fromMs && timeMs <= shown.toMs);
  const roots = tree.roots.filter(isKept);
  const looseLogs = hasLogs ? tree.looseLogs.filter(isShown) : [];
  const tops = roots.length + looseLogs.length;
  // A stack, as a trace may be deeper than the calls of a browser.
  const stack: Step[] = roots.map((node, at) => ({ node, depth: 0, position: at + 1, siblings: tops })).reverse();
  for (let step = stack.pop(); step; step = stack.pop()) {
    const { depth, position, siblings } = step;
    if ("log" in step) {
      rows.push({ kind: "log", key: keyOfLog(step.log), log: step.log, depth, position, siblings });
      continue;
    }
    const { span, key, children, logs } = step.node;
    const isOpen = !closed.has(key);
    const inside = insideOf(children.filter(isKept), hasLogs ? logs.filter(isShown) : []);
    rows.push({ kind: "span", key, span, depth, children: inside.length, isOpen, logs, position, siblings });
    if (!isOpen) continue;
    for (let at = inside.length - 1; at >= 0; at--) {
      const item = inside[at] as { node: Node } | { log: ApiLog };
      stack.push({ ...item, depth: depth + 1, position: at + 1, siblings: inside.length });
    }
  }
  for (const [at, log] of looseLogs.entries()) {
    rows.push({ kind: "log", key: keyOfLog(log), log, depth: 0, position: roots.length + at + 1, siblings: tops });
  }
  return rows;
}

/** The keys of spans that are at that time, or have something in them that is. */
function keptIn({ nodes, parents }: Tree, hasLogs: boolean, { fromMs, toMs }: Shown): Set<string> {
  const kept = new Set<string>();
  for (const { key: own, span, logs } of nodes) {
    const isKept =
      (span.startMs <= toMs && span.startMs + span.durationMs >= fromMs) ||
      (hasLogs && logs.some(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs));
    if (!isKept) continue;
    for (let key: string | undefined = own; key !== undefined && !kept.has(key); key = parents.get(key)) kept.add(key);
  }
  return kept;
}

type Step = ({ node: Node } | { log: ApiLog }) & { depth: number; position: number; siblings: number };

export function keyOfLog({ sequence }: ApiLog): string {
  return `l${sequence}`;
}

/** By time: what happened first stands first. */
function insideOf(children: Node[], logs: ApiLog[]): ({ node: Node } | { log: ApiLog })[] {
  const inside: ({ node: Node } | { log: ApiLog })[] = [];
  let at = 0;
  for (const node of children) {
    for (; at < logs.length && (logs[at] as ApiLog).timeMs < node.span.startMs; at++) {
      inside.push({ log: logs[at] as ApiLog });
    }
    inside.push({ node });
  }
  for (; at < logs.length; at++) inside.push({ log: logs[at] as ApiLog });
  return inside;
}

/** The keys above a row, which must be open for it to be shown. */
export function pathTo(key: string, { parents }: Tree): string[] {
  const path: string[] = [];
  for (let above = parents.get(key); above !== undefined; above = parents.get(above)) path.push(above);
  return path;
}

/** How far apart the round moments of an axis are, so that there are `most` of them besides the first, or fewer. */
export function stepOf(durationMs: number, most = 6): number {
  if (!(durationMs > 0) || !Number.isFinite(durationMs)) return 1;
  const power = 10 ** Math.floor(Math.log10(durationMs / most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => durationMs / size <= most) ?? 10 * power;
}

/** The round moments between two. */
export function ticksOf(fromMs: number, toMs: number, stepMs = stepOf(toMs - fromMs)): number[] {
  const first = Math.ceil(fromMs / stepMs - 1e-6);
  const last = Math.floor(toMs / stepMs + 1e-6);
  return Array.from({ length: Math.max(0, Math.min(100, last - first + 1)) }, (_, at) => (first + at) * stepMs);
}
