/** A part of an axis that is picked by dragging over it, or over what is drawn below it. */
import { useRef, useState } from "preact/hooks";

/** As parts of the axis, 0 to 1. */
export interface Drag {
  from: number;
  to: number;
}

/** Less is a click. */
const MIN_PIXELS = 4;
/** Of these, text is selected and clicks are taken. */
const NOT_FROM = ".message, .toggle, button, a";

interface Start {
  x: number;
  left: number;
  width: number;
}

/**
 * @param axis selects it within the element that has the handlers
 * @returns the handlers, and what is dragged over at the moment
 */
export function useRangeDrag(axis: string, onRange: (drag: Drag) => void) {
  const [drag, setDrag] = useState<Drag | undefined>(undefined);
  const start = useRef<Start | undefined>(undefined);
  const wasDragged = useRef(false);

  const dragTo = ({ clientX }: PointerEvent): Drag | undefined => {
    if (!start.current) return undefined;
    const { x, left, width } = start.current;
    const [one = 0, other = 0] = [x, clientX].map((at) => Math.max(0, Math.min(1, (at - left) / width)));
    return { from: Math.min(one, other), to: Math.max(one, other) };
  };
  const end = () => {
    start.current = undefined;
    setDrag(undefined);
  };
  return {
    drag,
    handlers: {
      onPointerDown(event: PointerEvent) {
        wasDragged.current = false;
        if (event.button !== 0 || (event.target as Element).closest(NOT_FROM)) return;
        const box = (event.currentTarget as Element).querySelector(axis)?.getBoundingClientRect();
        if (!box || box.width === 0 || event.clientX < box.left || event.clientX > box.right) return;
        start.current = { x: event.clientX, left: box.left, width: box.width };
      },
      onPointerMove(event: PointerEvent) {
        if (!start.current) return;
        if (!drag && Math.abs(event.clientX - start.current.x) < MIN_PIXELS) return;
        if (!drag) (event.currentTarget as Element).setPointerCapture(event.pointerId);
        setDrag(dragTo(event));
      },
      onPointerUp(event: PointerEvent) {
        const dragged = drag && dragTo(event);
        end();
        if (!dragged) return;
        wasDragged.current = true;
        onRange(dragged);
      },
      onPointerCancel: end,
      /** The end of a drag is a click for the browser. */
      onClickCapture(event: MouseEvent) {
        if (wasDragged.current) event.stopPropagation();
        wasDragged.current = false;
      },
    },
  };
}
