import { type RefObject, useLayoutEffect, useRef, useState } from "react";

import type { Spot } from "../../graph/layers";
import { scrolledTo } from "../../graph/sight";
import { useScrolled, useSize } from "../../graph/useViewport";
import type { Stretch } from "./gantt";

const MOST_ZOOM = 20_000;
/** Pixels for the length of a row, to the right of the plot. */
const RIGHT = 64;
/** The times of the axis may be drawn out no further than this, in pixels. */
const WIDEST = 8_000_000;

/** Where times stand: to the right of the names, drawn out as far as somebody wants. */
export interface Plot {
  readonly zoom: number;
  readonly scrolled: Spot;
  /** Pixels that the names need. */
  readonly left: number;
  /** Pixels of everything, names included. */
  readonly whole: number;
  readonly start: number;
  /** Milliseconds of a pixel. */
  readonly pixel: number;
  /** The times in sight. */
  readonly seen: Stretch;
  readonly x: (moment: number) => number;
  readonly zoomBy: (factor: number) => void;
  readonly zoomAt: (factor: number, at: Spot) => void;
  readonly fit: () => void;
  /** Scroll so far that a stretch is in sight. */
  readonly reveal: (stretch: Stretch) => void;
}

/** The time axis of a chart in an element. */
export function usePlot(element: RefObject<HTMLDivElement | null>, chart: Stretch): Plot {
  const size = useSize(element);
  const scrolled = useScrolled(element);
  const [zoom, setZoom] = useState(1);
  const wanted = useRef<number | null>(null);
  const left = size.width < 560 ? 136 : 232;
  const room = Math.max(80, size.width - left - RIGHT);
  const across = room * zoom;
  const pixel = (chart.end - chart.start) / across;
  const x = (moment: number) => left + (moment - chart.start) / pixel;

  useLayoutEffect(() => {
    if (wanted.current !== null) element.current?.scrollTo({ left: wanted.current });
    wanted.current = null;
  }, [element, zoom]);
  const zoomAt = (factor: number, at: Spot) => {
    const after = Math.min(Math.min(MOST_ZOOM, WIDEST / room), Math.max(1, zoom * factor));
    if (after === zoom) return;
    wanted.current = scrolledTo(scrolled.x, Math.max(0, at.x - left), zoom, after);
    setZoom(after);
  };
  return {
    zoom,
    scrolled,
    left,
    whole: left + across + RIGHT,
    start: chart.start,
    pixel,
    seen: {
      start: chart.start + (scrolled.x - 40) * pixel,
      end: chart.start + (scrolled.x + size.width) * pixel,
    },
    x,
    zoomBy: (factor) => {
      zoomAt(factor, { x: left + room / 2, y: 0 });
    },
    zoomAt,
    fit: () => {
      setZoom(1);
    },
    reveal: ({ start, end }) => {
      const here = element.current;
      if (here === null) return;
      const [from, to] = [x(start) - left, x(end) - left];
      if (from < here.scrollLeft || to > here.scrollLeft + room) {
        here.scrollTo({ left: Math.max(0, from - 24) });
      }
    },
  };
}
