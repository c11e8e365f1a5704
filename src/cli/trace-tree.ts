import type { ReceivedLog, ReceivedSpan, ReceivedTrace } from "../viewer/received.ts";
import { logText } from "./log-text.ts";
import { oneLine } from "./one-line.ts";
import type { Paint } from "./paint.ts";
import { waterfall } from "./waterfall.ts";

/**
 * A trace as a tree of text lines: spans in the order of their start, each with its duration, its error, and its logs.
 *
 * Every span and every log is in it once. A span whose parent did not arrive stands at the top; logs of spans that
 * did not arrive are at the end.
 *
 * @param barColumns of a waterfall in front of the tree, in which logs are points; 0 = none
 */
export function traceTree(
  { traceId, spans, logs }: ReceivedTrace,
  width: number,
  paint: Paint,
  barColumns = 0,
): string[] {
  const bar = waterfall(spans, barColumns, paint);
  const children = groupedBy(spans, ({ parentId }) => parentId);
  const logsOf = groupedBy(logs, ({ spanId }) => spanId);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const drawn = new Set<ReceivedSpan>();
  const lines = [headline()];
  // A span that nobody reaches from the top is part of a circle of parents.
  const tops = spans.filter(({ parentId }) => parentId === null || !ids.has(parentId));
  for (const top of tops) draw(top, "", top === tops.at(-1));
  for (const span of spans) if (!drawn.has(span)) draw(span, "", true);
  const strays = [...logsOf.values()].flat();
  if (strays.length > 0) lines.push(bar.space + paint("red", "   logs of spans that did not arrive:"));
  for (const log of strays) drawLog(log, "   ");
  return lines;

  function draw(span: ReceivedSpan, indent: string, isLast: boolean) {
    drawn.add(span);
    const below = (children.get(span.spanId) ?? []).filter((child) => !drawn.has(child));
    lines.push(`${bar.ofSpan(span)}${paint("dim", indent + (isLast ? "└─ " : "├─ "))}${spanText(span)}`);
    const deeper = `${indent}${isLast ? "   " : "│  "}`;
    for (const log of logsOf.get(span.spanId) ?? []) drawLog(log, `${deeper}${below.length > 0 ? "│  " : "   "}`);
    logsOf.delete(span.spanId);
    for (const child of below) if (!drawn.has(child)) draw(child, deeper, child === below.at(-1));
  }

  function drawLog(log: ReceivedLog, indent: string) {
    const bullet = `${indent}· `;
    const text = oneLine(logText(log.body), Math.max(20, width - bar.space.length - bullet.length));
    const isBad = log.severity === "error" || log.severity === "fatal";
    lines.push(`${bar.ofLog(log)}${paint("dim", bullet)}${isBad ? paint("red", text) : text}`);
  }

  function spanText({ service, name, resource, parentId, durationNano, error }: ReceivedSpan): string {
    const what = resource === "" || resource === name ? name : `${name} / ${resource}`;
    const parts = [
      `${paint("bold", oneLine(service, 60))} · ${paint("cyan", oneLine(what, 80))}`,
      milliseconds(durationNano),
    ];
    if (parentId !== null && !ids.has(parentId)) parts.push(paint("red", "parent did not arrive"));
    if (error)
      parts.push(paint("red", `✗ ${oneLine([error.type, error.message].filter(Boolean).join(": "), 120) || "error"}`));
    return parts.join("  ");
  }

  function headline(): string {
    const services = new Set(spans.map(({ service }) => service)).size;
    return `${paint("bold", `trace ${traceId}`)}  ${count(services, "service")}, ${count(spans.length, "span")}, ${count(logs.length, "log")}`;
  }
}

export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : nouns}`;
}

/** Milliseconds with two decimals, exact for any length. */
function milliseconds(nano: bigint): string {
  return `${(Number(nano / 10_000n) / 100).toFixed(2)} ms`;
}

function groupedBy<Item>(items: Item[], key: (item: Item) => string | null): Map<string | null, Item[]> {
  const groups = new Map<string | null, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
