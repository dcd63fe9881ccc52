import type { PaletteEntry } from "../../builder/palette";
import { isWithin, type Path } from "../../builder/source";

/** What is being dragged: something new from the palette, or a step (or branch) that is there. */
export type Cargo =
  | { readonly kind: "new"; readonly entry: PaletteEntry }
  | { readonly kind: "move"; readonly path: Path; readonly of: "step" | "branch" };

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

const THICK = 4;

/** The innermost list under the pointer that takes such a thing, and the place in it. */
export function dropAt(target: Element, x: number, y: number, cargo: Cargo): Drop | null {
  const of = cargo.kind === "new" ? "step" : cargo.of;
  let element = target.closest<HTMLElement>("[data-list]");
  while (element !== null) {
    const list = pathOf(element.dataset.list);
    const fits = element.dataset.of === of;
    if (list !== null && fits && !(cargo.kind === "move" && isWithin(list, cargo.path))) {
      return { list, element, index: placeIn(element, x, y) };
    }
    element = element.parentElement?.closest<HTMLElement>("[data-list]") ?? null;
  }
  return null;
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

function itemsOf(list: HTMLElement): readonly HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(":scope > [data-node]")];
}

function placeIn(list: HTMLElement, x: number, y: number): number {
  const beside = list.dataset.beside === "true";
  const before = itemsOf(list).filter((item) => {
    const box = item.getBoundingClientRect();
    if (!beside) return box.top + Math.min(box.height / 2, 40) < y;
    return box.bottom < y || (box.top < y && box.left + box.width / 2 < x);
  });
  return before.length;
}

/** Where the line that shows the place is drawn within `frame`, which scrolls. */
export function lineFor(drop: Drop, frame: HTMLElement): Line {
  const outer = frame.getBoundingClientRect();
  const around = drop.element.getBoundingClientRect();
  const items = itemsOf(drop.element);
  const beside = drop.element.dataset.beside === "true";
  const next = items[drop.index]?.getBoundingClientRect();
  const last = items.at(-1)?.getBoundingClientRect();
  const left = frame.scrollLeft - outer.left;
  const top = frame.scrollTop - outer.top;
  if (next === undefined && last === undefined) {
    return {
      left: around.left + left,
      top: around.top + top,
      width: around.width,
      height: Math.max(around.height, THICK),
    };
  }
  const box = next ?? last ?? around;
  if (beside) {
    const at = next === undefined ? box.right + 2 : box.left - THICK - 2;
    return { left: at + left, top: box.top + top, width: THICK, height: box.height };
  }
  const at = next === undefined ? box.bottom + 1 : box.top - THICK - 1;
  return { left: box.left + left, top: at + top, width: box.width, height: THICK };
}
