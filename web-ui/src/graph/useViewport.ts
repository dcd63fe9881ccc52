import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

import { useDragging, useWheel } from "./gestures";
import type { Size, Spot } from "./layers";
import type { Box, Layout } from "./layout";
import { bounded, fitting, type Frame, scrolledTo } from "./sight";

/** So much more than what is in sight is drawn, in pixels of the screen, for quick scrolling. */
const AROUND = 240;
const NEAR = 24;
/** At first it is made so small that it fits its width, but no smaller than this. */
const LEAST_AT_FIRST = 0.75;
const UNKNOWN: Size = { width: 1000, height: 700 };

export interface Viewport {
  readonly zoom: number;
  /** What is in sight, with something around it, in pixels of the drawing. */
  readonly frame: Frame;
  readonly zoomBy: (factor: number) => void;
  readonly zoomTo: (zoom: number) => void;
  readonly fit: () => void;
  /** Scroll so far that a box is in sight. */
  readonly reveal: (box: Box) => void;
}

/**
 * The part of a drawing that is in sight in an element: scrolled, dragged, zoomed with the wheel.
 * `onMoved` is told when a person moved it.
 */
export function useViewport(
  element: RefObject<HTMLDivElement | null>,
  layout: Layout,
  onMoved: () => void,
): Viewport {
  const [chosen, setZoom] = useState<number | null>(null);
  const scrolled = useScrolled(element);
  const size = useSize(element);
  const wanted = useRef<Spot | null>(null);
  const [first, setFirst] = useState<number | null>(null);
  if (first === null && size !== UNKNOWN) {
    setFirst(Math.min(1, Math.max(LEAST_AT_FIRST, size.width / layout.width)));
  }
  const zoom = chosen ?? first ?? 1;

  // What was under the pointer stays there.
  const zoomAt = (next: number, { x, y }: Spot) => {
    const after = bounded(next);
    const here = element.current;
    if (here === null || after === zoom) return;
    wanted.current = {
      x: scrolledTo(here.scrollLeft, x, zoom, after),
      y: scrolledTo(here.scrollTop, y, zoom, after),
    };
    setZoom(after);
  };
  useLayoutEffect(() => {
    if (wanted.current !== null) {
      element.current?.scrollTo({ left: wanted.current.x, top: wanted.current.y });
    }
    wanted.current = null;
  }, [element, zoom]);
  useWheel(
    element,
    (factor, at) => {
      zoomAt(zoom * factor, at);
    },
    onMoved,
  );
  useDragging(element, onMoved);

  const middle = { x: size.width / 2, y: size.height / 2 };
  return {
    zoom,
    frame: {
      left: (scrolled.x - AROUND) / zoom,
      top: (scrolled.y - AROUND) / zoom,
      right: (scrolled.x + size.width + AROUND) / zoom,
      bottom: (scrolled.y + size.height + AROUND) / zoom,
    },
    zoomBy: (factor) => {
      zoomAt(zoom * factor, middle);
    },
    zoomTo: (to) => {
      zoomAt(to, middle);
    },
    fit: () => {
      setZoom(fitting(layout, size.width, size.height));
      element.current?.scrollTo({ left: 0, top: 0 });
    },
    reveal: (box) => {
      if (element.current !== null) scrollTo(element.current, box, zoom);
    },
  };
}

/** How far an element is scrolled. */
export function useScrolled(element: RefObject<HTMLDivElement | null>): Spot {
  const [scrolled, setScrolled] = useState<Spot>({ x: 0, y: 0 });
  useEffect(() => {
    const here = element.current;
    if (here === null) return undefined;
    const look = () => {
      setScrolled({ x: here.scrollLeft, y: here.scrollTop });
    };
    here.addEventListener("scroll", look, { passive: true });
    return () => {
      here.removeEventListener("scroll", look);
    };
  }, [element]);
  return scrolled;
}

/** How large the inside of an element is; a usual size until that is known. */
export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>(UNKNOWN);
  useEffect(() => {
    const here = element.current;
    if (here === null) return undefined;
    const watch = new ResizeObserver(() => {
      setSize({ width: here.clientWidth, height: here.clientHeight });
    });
    watch.observe(here);
    return () => {
      watch.disconnect();
    };
  }, [element]);
  return size;
}

function scrollTo(element: HTMLElement, box: Box, zoom: number): void {
  const { clientWidth, clientHeight, scrollLeft, scrollTop } = element;
  // Of what is large its head.
  const height = Math.min(box.height * zoom, clientHeight / 2);
  const width = Math.min(box.width * zoom, clientWidth - 2 * NEAR);
  element.scrollTo({
    left: nearest(scrollLeft, clientWidth, box.x * zoom, width),
    top: nearest(scrollTop, clientHeight, box.y * zoom, height),
  });
}

/** Where to scroll so that something is in sight: not at all if it is. */
function nearest(scrolled: number, room: number, from: number, length: number): number {
  if (from < scrolled + NEAR) return Math.max(0, from - NEAR);
  if (from + length > scrolled + room - NEAR) return from + length - room + NEAR;
  return scrolled;
}
