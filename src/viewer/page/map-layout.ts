/** Where the boxes and arrows of a service map stand. */
import type { ApiMapEdge, ApiMapNode, ApiServiceMap } from "../api-types.ts";

export const BOX = { width: 208, height: 76 } as const;
const GAP = { across: 132, down: 34 } as const;
const MARGIN = 20;

export interface PlacedNode {
  node: ApiMapNode;
  x: number;
  y: number;
}

export interface PlacedEdge {
  edge: ApiMapEdge;
  /** Of an SVG path. */
  path: string;
  /** Where its figures stand. */
  label: { x: number; y: number };
}

export interface Layout {
  width: number;
  height: number;
  nodes: PlacedNode[];
  edges: PlacedEdge[];
}

/** Who is called stands to the right of who calls; in a column each stands near the middle of its callers. */
export function layoutOf({ nodes, edges }: ApiServiceMap): Layout {
  const columns = columnsOf(nodes, edges);
  const places = new Map<string, PlacedNode>();
  const tallest = Math.max(0, ...columns.map(({ length }) => length));
  const height = MARGIN * 2 + tallest * (BOX.height + GAP.down) - (tallest > 0 ? GAP.down : 0);
  for (const [at, column] of columns.entries()) {
    const callersY = (node: ApiMapNode): number => {
      const ys = edges.filter(({ to }) => to === node.name).map(({ from }) => places.get(from)?.y ?? 0);
      return ys.length > 0 ? ys.reduce((sum, y) => sum + y, 0) / ys.length : 0;
    };
    const ordered = column.map((node) => ({ node, y: callersY(node) })).sort((a, b) => a.y - b.y);
    const top = (height - ordered.length * (BOX.height + GAP.down) + GAP.down) / 2;
    for (const [row, { node }] of ordered.entries()) {
      const x = MARGIN + at * (BOX.width + GAP.across);
      places.set(node.name, { node, x, y: top + row * (BOX.height + GAP.down) });
    }
  }
  return {
    width: MARGIN * 2 + columns.length * (BOX.width + GAP.across) - (columns.length > 0 ? GAP.across : 0),
    height,
    nodes: [...places.values()],
    edges: edges.flatMap((edge) => {
      const from = places.get(edge.from);
      const to = places.get(edge.to);
      return from && to ? [placedEdge(edge, from, to)] : [];
    }),
  };
}

/** By how many calls away from those whom nobody calls. A call that would close a circle does not count. */
function columnsOf(nodes: ApiMapNode[], edges: ApiMapEdge[]): ApiMapNode[][] {
  const called = new Map<string, string[]>();
  for (const { from, to } of edges) called.set(from, [...(called.get(from) ?? []), to]);
  const columnOf = new Map<string, number>();
  const isCalled = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to));
  const starts = nodes.filter(({ name }) => !isCalled.has(name));
  for (const { name } of [...starts, ...nodes]) if (!columnOf.has(name)) place(name);
  const columns: ApiMapNode[][] = [];
  for (const node of nodes) {
    const at = columnOf.get(node.name) ?? 0;
    while (columns.length <= at) columns.push([]);
    (columns[at] as ApiMapNode[]).push(node);
  }
  return columns.filter(({ length }) => length > 0);

  /** Everything that can be reached, in an order in which callers come first, and then one column further each. */
  function place(start: string): void {
    const order: string[] = [];
    const state = new Map<string, "open" | "done">();
    const back = new Set<string>();
    const stack = [start];
    while (stack.length > 0) {
      const name = stack.at(-1) as string;
      if (state.get(name) === undefined) {
        state.set(name, "open");
        for (const next of called.get(name) ?? []) {
          if (state.get(next) === "open") back.add(`${name}\n${next}`);
          else if (state.get(next) === undefined) stack.push(next);
        }
        continue;
      }
      stack.pop();
      if (state.get(name) === "open") {
        state.set(name, "done");
        order.push(name);
      }
    }
    if (!columnOf.has(start)) columnOf.set(start, 0);
    for (const name of order.reverse()) {
      const column = columnOf.get(name) ?? 0;
      columnOf.set(name, column);
      for (const next of called.get(name) ?? []) {
        if (next === name || back.has(`${name}\n${next}`)) continue;
        columnOf.set(next, Math.max(columnOf.get(next) ?? 0, column + 1));
      }
    }
  }
}

function placedEdge(edge: ApiMapEdge, from: PlacedNode, to: PlacedNode): PlacedEdge {
  const startX = from.x + BOX.width;
  const startY = from.y + BOX.height / 2;
  const endY = to.y + BOX.height / 2;
  if (to.x > from.x) {
    const bend = Math.min(90, (to.x - startX) / 2);
    // Browsers draw a curve that is straight in two widths.
    const way = startY === endY ? "L" : `C${startX + bend},${startY} ${to.x - bend},${endY} `;
    const path = `M${startX},${startY} ${way}${to.x - 2},${endY}`;
    const label = {
      x: onCurve(startX, startX + bend, to.x - bend, to.x),
      y: onCurve(startY, startY, endY, endY),
    };
    return { edge, path, label };
  }
  // Back, or to itself: around below.
  const low = Math.max(from.y, to.y) + BOX.height + GAP.down / 2;
  const startBelow = from.x + BOX.width * 0.7;
  const endBelow = to.x + BOX.width * 0.3;
  const path = `M${startBelow},${from.y + BOX.height} C${startBelow},${low + 12} ${endBelow},${low + 12} ${endBelow},${to.y + BOX.height + 2}`;
  return { edge, path, label: { x: (startBelow + endBelow) / 2, y: low + 2 } };
}

/** Past the middle, where the arrows of one box are apart from each other. */
const LABEL_AT = 0.62;

/** One coordinate of a point of a cubic Bézier curve. */
function onCurve(start: number, first: number, second: number, end: number): number {
  const left = 1 - LABEL_AT;
  return left ** 3 * start + 3 * left ** 2 * LABEL_AT * first + 3 * left * LABEL_AT ** 2 * second + LABEL_AT ** 3 * end;
}
