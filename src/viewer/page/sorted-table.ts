/** A table that can be sorted by each of its columns. */
import { html } from "htm/preact";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

export interface Column<Item> {
  name: string;
  /** What it is sorted by; numbers are right-aligned and sorted from the largest. */
  value: (item: Item) => string | number;
  /** What is shown, where it is not the value. */
  show?: (item: Item) => ComponentChildren;
  /** Longer than the name, for whoever does not know it. */
  title?: string;
  /** Left out on small screens. */
  isExtra?: boolean;
  /** A number that is read as text, such as a time. */
  isLeft?: boolean;
  /** Figures that need no order, such as charts. */
  isPicture?: boolean;
}

interface Props<Item> {
  caption: string;
  columns: Column<Item>[];
  items: Item[];
  keyOf: (item: Item) => string;
  /** The name of the column that it is sorted by at first. Undefined: the order of the items. */
  by?: string;
}

export function SortedTable<Item>({ caption, columns, items, keyOf, by }: Props<Item>) {
  const [order, setOrder] = useState({ by, isTurned: false });
  const column = columns.find(({ name }) => name === order.by);
  const rows = column
    ? [...items].sort((a, b) => compare(column.value(a), column.value(b)) * (order.isTurned ? -1 : 1))
    : items;
  return html`<div class="scroll"><table class="figures">
    <caption class="visually-hidden">${caption}</caption>
    <thead><tr>${columns.map((one) => html`<${Head} key=${one.name} column=${one} sample=${items[0]} order=${order} setOrder=${setOrder} />`)}</tr></thead>
    <tbody>${rows.map(
      (item) =>
        html`<tr key=${keyOf(item)}>${columns.map((one, at) => {
          const kind = classOf(one, item);
          const shown = one.show ? one.show(item) : one.value(item);
          return at === 0
            ? html`<th scope="row" class=${kind}>${shown}</th>`
            : html`<td class=${kind} key=${one.name}>${shown}</td>`;
        })}</tr>`,
    )}</tbody>
  </table></div>`;
}

interface HeadProps<Item> {
  column: Column<Item>;
  sample: Item | undefined;
  order: { by: string | undefined; isTurned: boolean };
  setOrder: (order: { by: string; isTurned: boolean }) => void;
}

function Head<Item>({ column, sample, order, setOrder }: HeadProps<Item>) {
  const { name, title, isPicture } = column;
  const kind = sample === undefined ? "" : classOf(column, sample);
  if (isPicture) return html`<th scope="col" class=${kind} title=${title}>${name}</th>`;
  const isBy = order.by === name;
  const isNumber = sample !== undefined && typeof column.value(sample) === "number";
  const isDescending = isNumber !== order.isTurned;
  return html`<th scope="col" class=${kind} aria-sort=${isBy ? (isDescending ? "descending" : "ascending") : undefined}>
    <button type="button" title=${title} onClick=${() => setOrder({ by: name, isTurned: isBy && !order.isTurned })}>
      ${name}<span class="order" aria-hidden="true">${isBy ? (isDescending ? "↓" : "↑") : ""}</span>
    </button>
  </th>`;
}

function classOf<Item>({ value, isExtra, isLeft, isPicture }: Column<Item>, item: Item): string {
  const isNumber = typeof value(item) === "number";
  const kinds = [
    !isPicture && !isLeft && isNumber && "number",
    !isPicture && !isNumber && "name-cell",
    isLeft && "moment-cell",
    isExtra && "extra",
  ];
  return kinds.filter(Boolean).join(" ");
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? b - a : String(a).localeCompare(String(b));
}
