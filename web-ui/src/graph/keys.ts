import type { Box } from "./layout";
import { STEP } from "./sight";
import type { Viewport } from "./useViewport";

export interface Keyboard {
  readonly boxes: readonly Box[];
  readonly at: number;
  readonly go: (to: number) => void;
  readonly select: (box: Box) => void;
  readonly flip: (box: Box) => void;
  readonly view: Viewport;
}

/** What a key does: the pattern of trees, and zooming; whether it does anything. */
export function pressed(key: string, { boxes, at, go, select, flip, view }: Keyboard): boolean {
  const box = boxes[at];
  const inner = box !== undefined && box.figure.groups.length > 0;
  if (key === "ArrowDown") go(at + 1);
  else if (key === "ArrowUp") go(at - 1);
  else if (key === "Home") go(0);
  else if (key === "End") go(boxes.length - 1);
  else if (key === "+" || key === "=") view.zoomBy(STEP);
  else if (key === "-") view.zoomBy(1 / STEP);
  else if (key === "0") view.fit();
  else if (key === "1") view.zoomTo(1);
  else if (box === undefined) return false;
  else if (key === "ArrowRight" && inner && !box.open) flip(box);
  else if (key === "ArrowRight" && inner) go(at + 1);
  else if (key === "ArrowLeft" && box.open) flip(box);
  else if (key === "ArrowLeft") go(outerOf(boxes, at));
  else if (key === "Enter" || key === " ") select(box);
  else return false;
  return true;
}

/** The position of what a box is in, or its own. */
function outerOf(boxes: readonly Box[], at: number): number {
  const depth = boxes[at]?.depth ?? 0;
  for (let before = at - 1; before >= 0; before -= 1) {
    if ((boxes[before]?.depth ?? 0) < depth) return before;
  }
  return at;
}
