import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { type Brush, type BrushEdge, brushBetween, bucketAt, moveEdge } from "./brush.ts";

const LONG_STEP = 10;

export type BrushState = {
  /** What is marked, but not yet asked for. */
  brush: Brush | null;
  /** The bucket under the pointer. */
  hovered: number | null;
  plotEvents: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    onPointerLeave: () => void;
    onPointerCancel: () => void;
  };
  onEdgeKey: (edge: BrushEdge) => (event: KeyboardEvent) => void;
  clear: () => void;
};

/**
 * Marks a range of buckets: by dragging, which asks for it when the pointer is let go (a click is
 * one bucket), or by keys on its two edges, which ask for it with Enter and give up with Escape.
 */
export function useBrush(buckets: number, onBrush: (brush: Brush) => void): BrushState {
  const [brush, setBrush] = useState<Brush | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);

  const bucketUnder = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return bucketAt(event.clientX - left, width, buckets);
  };
  const clear = () => {
    setBrush(null);
    setAnchor(null);
  };
  const ask = (wanted: Brush) => {
    clear();
    onBrush(wanted);
  };

  return {
    brush,
    hovered,
    clear,
    plotEvents: {
      onPointerDown: (event) => {
        if (event.button !== 0 || buckets === 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const bucket = bucketUnder(event);
        setAnchor(bucket);
        setBrush(brushBetween(bucket, bucket));
      },
      onPointerMove: (event) => {
        if (buckets === 0) return;
        const bucket = bucketUnder(event);
        setHovered(bucket);
        if (anchor !== null) setBrush(brushBetween(anchor, bucket));
      },
      onPointerUp: (event) => {
        if (anchor !== null) ask(brushBetween(anchor, bucketUnder(event)));
      },
      onPointerLeave: () => setHovered(null),
      onPointerCancel: clear,
    },
    onEdgeKey: (edge) => (event) => {
      const current = brush ?? { start: 0, end: buckets };
      const size = event.shiftKey ? LONG_STEP : 1;
      const steps: Readonly<Record<string, number | undefined>> = {
        ArrowLeft: -size,
        ArrowDown: -size,
        ArrowRight: size,
        ArrowUp: size,
        PageDown: -LONG_STEP,
        PageUp: LONG_STEP,
        Home: -buckets,
        End: buckets,
      };
      const step = steps[event.key];
      if (step !== undefined) setBrush(moveEdge(current, edge, step, buckets));
      else if (event.key === "Enter" && brush !== null) ask(brush);
      else if (event.key === "Escape" && brush !== null) clear();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
