import { type Block, isInBlock } from "../../builder/blocks";
import type { PaletteEntry } from "../../builder/palette";
import type { Path } from "../../builder/source";

/** What is being dragged: something new from the palette, or steps (or branches) that are there. */
export type Cargo =
  | { readonly kind: "new"; readonly entry: PaletteEntry }
  | { readonly kind: "move"; readonly block: Block; readonly of: "step" | "branch" };

let held: Cargo | null = null;

/** Something is dragged from here on. There is one pointer, so there is one such thing. */
export function lift(cargo: Cargo): void {
  held = cargo;
}

export function lifted(): Cargo | null {
  return held;
}

export function letGo(): void {
  held = null;
}

/** Whether a list takes it. */
export function takes(list: Path, of: string | undefined, cargo: Cargo): boolean {
  if (cargo.kind === "new") return of === "step";
  return of === cargo.of && !isInBlock(list, cargo.block);
}

/** Where it would land. */
export interface Drop {
  readonly list: Path;
  readonly index: number;
  readonly element: HTMLElement;
}

/** What is drawn to show that place, relative to the scrolled element. */
export interface Line {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where something is drawn. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const THICK = 4;
/** Of a high card so much of its upper end counts as above it. */
const HEAD = 40;

/** The innermost list under the pointer that takes such a thing, and the place in it. */
export function dropAt(target: Element, x: number, y: number, cargo: Cargo): Drop | null {
  let element = listUnder(target);
  while (element !== null) {
    const list = pathOf(element.dataset.list);
    if (list !== null && takes(list, element.dataset.of, cargo)) {
      return { list, element, index: placeAmong(boxesIn(element), isBeside(element), x, y) };
    }
    element = element.parentElement?.closest<HTMLElement>("[data-list]") ?? null;
  }
  return null;
}

/** The list around an element; that of a lane, where the pointer is at its name. */
function listUnder(target: Element): HTMLElement | null {
  const head = target.closest(".lane-head");
  if (head === null) return target.closest("[data-list]");
  return head.parentElement?.querySelector<HTMLElement>(":scope > [data-list]") ?? null;
}

/** Beside all cards, things land among the outermost steps. */
export function dropAmong(frame: Element, x: number, y: number, cargo: Cargo): Drop | null {
  const outermost = frame.querySelector<HTMLElement>("[data-list]");
  return outermost === null ? null : dropAt(outermost, x, y, cargo);
}

/** Paths stand in the document as JSON. */
export function pathOf(text: string | undefined): Path | null {
  return text === undefined ? null : (JSON.parse(text) as Path);
}

function boxesIn(list: HTMLElement): readonly Box[] {
  const items = [...list.querySelectorAll<HTMLElement>(":scope > [data-node]")];
  return items.map((item) => item.getBoundingClientRect());
}

/** Branches stand beside each other, in as many rows as it takes. */
function isBeside(list: HTMLElement): boolean {
  return list.dataset.beside === "true";
}

/** Before how many of the items a pointer is; beside each other they are in rows. */
export function placeAmong(items: readonly Box[], beside: boolean, x: number, y: number): number {
  const before = items.filter(({ left, top, right, bottom }) => {
    if (!beside) return top + Math.min((bottom - top) / 2, HEAD) < y;
    return bottom < y || (top < y && (left + right) / 2 < x);
  });
  return before.length;
}

/** Where the line is drawn that shows a place among items: before the one that is there now. */
export function lineAmong(
  items: readonly Box[],
  beside: boolean,
  index: number,
  around: Box,
): Line {
  const next = items[index];
  const box = next ?? items.at(-1);
  if (box === undefined) {
    const { left, top, right, bottom } = around;
    return { left, top, width: right - left, height: Math.max(bottom - top, THICK) };
  }
  const { left, top } = box;
  const [width, height] = [box.right - left, box.bottom - top];
  if (beside) {
    const at = next === undefined ? box.right + 2 : left - THICK - 2;
    return { left: at, top, width: THICK, height };
  }
  const at = next === undefined ? box.bottom + 1 : top - THICK - 1;
  return { left, top: at, width, height: THICK };
}

/** Where the line that shows the place is drawn within `frame`, which scrolls. */
export function lineFor({ element, index }: Drop, frame: HTMLElement): Line {
  const outer = frame.getBoundingClientRect();
  const around = element.getBoundingClientRect();
  const line = lineAmong(boxesIn(element), isBeside(element), index, around);
  return {
    ...line,
    left: line.left + frame.scrollLeft - outer.left,
    top: line.top + frame.scrollTop - outer.top,
  };
}
