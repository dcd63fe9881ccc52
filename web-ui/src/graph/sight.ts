import type { Spot } from "./layers";
import type { Box, Lane, Layout, Line } from "./layout";

/** A part of the drawing, in its own pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What is drawn: only what is in the frame. */
export interface Sight {
  readonly boxes: readonly { readonly box: Box; readonly at: number }[];
  readonly lanes: readonly Lane[];
  readonly lines: readonly Line[];
}

export const LEAST_ZOOM = 0.25;
export const MOST_ZOOM = 2;
/** By so much each press of a button zooms. */
export const STEP = 1.25;
/** Below this zoom nothing could be read: boxes show their state alone. */
export const READABLE = 0.5;

/** What of a drawing is in a frame. What is outside is left out with everything in it. */
export function inFrame(layout: Layout, frame: Frame): Sight {
  const boxes: { box: Box; at: number }[] = [];
  for (let at = 0; at < layout.boxes.length;) {
    const box = layout.boxes[at];
    if (box === undefined) break;
    if (touches(frame, box.x, box.y, box.x + box.width, box.y + box.height)) {
      boxes.push({ box, at });
      at += 1;
    } else {
      at = box.end;
    }
  }
  return {
    boxes,
    lanes: layout.lanes.filter(({ x, y, width, height }) =>
      touches(frame, x, y, x + width, y + height),
    ),
    lines: layout.lines.filter(({ points }) => passes(frame, points)),
  };
}

function touches(frame: Frame, left: number, top: number, right: number, bottom: number): boolean {
  return left < frame.right && right > frame.left && top < frame.bottom && bottom > frame.top;
}

function passes(frame: Frame, points: readonly Spot[]): boolean {
  const [first, ...rest] = points;
  let before = first;
  for (const point of rest) {
    if (
      before !== undefined &&
      touches(
        frame,
        Math.min(before.x, point.x) - 1,
        before.y,
        Math.max(before.x, point.x) + 1,
        point.y,
      )
    ) {
      return true;
    }
    before = point;
  }
  return false;
}

/** A line as the data of an SVG path: straight past a layer, bent between two. */
export function drawn({ points }: Line): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let text = `M${first.x} ${first.y}`;
  let before = first;
  for (const point of rest) {
    if (point.x === before.x) {
      text += `V${point.y}`;
    } else {
      const middle = (before.y + point.y) / 2;
      text += `C${before.x} ${middle} ${point.x} ${middle} ${point.x} ${point.y}`;
    }
    before = point;
  }
  return text;
}

/** The zoom at which a drawing is in sight whole, as far as there is one. */
export function fitting(layout: Layout, width: number, height: number): number {
  const whole = Math.min(width / layout.width, height / layout.height, 1);
  return bounded(Number.isFinite(whole) ? whole : 1);
}

export function bounded(zoom: number): number {
  return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
}

/** Where to scroll so that what was under the pointer stays there when the zoom is another. */
export function scrolledTo(
  scrolled: number,
  pointer: number,
  before: number,
  after: number,
): number {
  return Math.max(0, ((scrolled + pointer) / before) * after - pointer);
}
