import { type RefObject, useEffect, useRef } from "react";

import type { Spot } from "./layers";

/** So many pixels make a drag of what would be a click. */
const DRAG = 4;

/**
 * The wheel with Ctrl, or two fingers on a touchpad, zooms where the pointer is; `onMoved` is told
 * of every turn. React's own listeners cannot keep the browser from zooming the page.
 */
export function useWheel(
  element: RefObject<HTMLElement | null>,
  onZoom: (factor: number, at: Spot) => void,
  onMoved: () => void,
): void {
  const heard = useRef({ onZoom, onMoved });
  useEffect(() => {
    heard.current = { onZoom, onMoved };
  });
  useEffect(() => {
    const here = element.current;
    if (here === null) return undefined;
    const turn = (event: WheelEvent) => {
      heard.current.onMoved();
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = here.getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      heard.current.onZoom(Math.exp(-event.deltaY / 400), at);
    };
    here.addEventListener("wheel", turn, { passive: false });
    return () => {
      here.removeEventListener("wheel", turn);
    };
  }, [element]);
}

/** What is in the element follows a mouse that is held down on it. Fingers scroll by themselves. */
export function useDragging(element: RefObject<HTMLElement | null>, onMoved: () => void): void {
  const heard = useRef(onMoved);
  useEffect(() => {
    heard.current = onMoved;
  });
  useEffect(() => {
    const here = element.current;
    if (here === null) return undefined;
    let last: Spot | null = null;
    let travelled = 0;
    const down = (event: PointerEvent) => {
      travelled = 0;
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      last = { x: event.clientX, y: event.clientY };
    };
    const move = (event: PointerEvent) => {
      if (last === null || (event.buttons & 1) === 0) return;
      const [across, along] = [last.x - event.clientX, last.y - event.clientY];
      travelled += Math.abs(across) + Math.abs(along);
      if (travelled < DRAG) return;
      here.scrollBy(across, along);
      last = { x: event.clientX, y: event.clientY };
      heard.current();
    };
    const up = () => {
      last = null;
    };
    const click = (event: MouseEvent) => {
      if (travelled >= DRAG) event.stopPropagation();
    };
    here.addEventListener("pointerdown", down);
    here.addEventListener("click", click, { capture: true });
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    return () => {
      here.removeEventListener("pointerdown", down);
      here.removeEventListener("click", click, { capture: true });
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
    };
  }, [element]);
}
