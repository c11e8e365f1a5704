/** A list that scrolls, of which only the rows in sight are drawn. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { rowWindow, scrolledTo } from "./row-window.ts";

export interface ShownRows {
  box: RefObject<HTMLDivElement | null>;
  first: number;
  end: number;
  onScroll: () => void;
  /** Scrolls no further than needed. */
  show: (row: number) => void;
}

/** @param headHeight of what stays on top of the rows, in pixels */
export function useRows(count: number, rowHeight: number, headHeight = 0): ShownRows {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, height: 800 });
  const onScroll = () => {
    const { current } = box;
    if (!current) return;
    // Within a row nothing changes.
    const top = Math.floor(current.scrollTop / rowHeight) * rowHeight;
    const height = current.clientHeight;
    setPlace((before) => (before.top === top && before.height === height ? before : { top, height }));
  };
  useLayoutEffect(onScroll, [count]);
  useEffect(() => {
    if (!box.current) return undefined;
    const observer = new ResizeObserver(onScroll);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const show = (row: number) => {
    const { current } = box;
    if (current) current.scrollTop = scrolledTo(row, rowHeight, current.scrollTop, current.clientHeight - headHeight);
  };
  return { box, ...rowWindow(count, rowHeight, place.top, place.height), onScroll, show };
}
