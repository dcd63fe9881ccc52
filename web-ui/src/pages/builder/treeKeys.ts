import type { KeyboardEvent } from "react";

import type { Block } from "../../builder/blocks";
import type { Path } from "../../builder/source";
import type { Deed } from "./deeds";
import { pathOf } from "./dragging";

/** What a tree of steps asks for. */
export interface TreeDoes {
  readonly readOnly: boolean;
  /** All that is chosen: one step, or its neighbours too. */
  readonly block: Block;
  readonly onChoose: (path: Path) => void;
  /** All neighbours up to a step, or so many places further on. */
  readonly onExtend: (to: Path | number) => void;
  /** All of a list. */
  readonly onAll: (list: Path) => void;
  /** Fold the step at a path, or unfold it; the key is that of the step. */
  readonly onFold: (key: string, path: Path) => void;
  readonly onDeed: (deed: Deed, path: Path) => void;
  readonly onMenu: (path: Path, at: DOMRect) => void;
  readonly onPalette: () => void;
  readonly onForm: () => void;
}

/** The path of the innermost card or lane around an element. */
export function pathAround(element: Element): Path | null {
  const item = element.closest<HTMLElement>("[role=treeitem]");
  return pathOf(item?.dataset.node ?? item?.dataset.lane);
}

const DEEDS: Readonly<Record<string, Deed>> = {
  "alt ArrowUp": "up",
  "alt ArrowDown": "down",
  "alt ArrowLeft": "out",
  "alt ArrowRight": "in",
  "ctrl d": "duplicate",
  Delete: "remove",
};

/** What a key does: the pattern of WAI-ARIA for trees, and what can be done with a step. */
export function pressed(event: KeyboardEvent, frame: HTMLElement, properties: TreeDoes): void {
  const item = event.target instanceof HTMLElement ? event.target : null;
  if (item?.getAttribute("role") !== "treeitem") return;
  const path = pathAround(item);
  if (path === null) return;
  const step = item.dataset.node !== undefined && path.length > 0;
  const ctrl = event.ctrlKey || event.metaKey;
  const key = `${event.altKey ? "alt " : ""}${ctrl ? "ctrl " : ""}${event.key}`;
  const deed = DEEDS[key];
  const menu = key === "ContextMenu" || key === "m" || (key === "F10" && event.shiftKey);
  if (deed !== undefined && !properties.readOnly) {
    if (step) properties.onDeed(deed, path);
  } else if (menu && !properties.readOnly) {
    const head = item.querySelector(".card-head, .lane-head") ?? item;
    properties.onMenu(path, head.getBoundingClientRect());
  } else if (key === "Enter") properties.onForm();
  else if (key === "/" || key === "a") properties.onPalette();
  else if (!extended(event, key, path, properties) && !moved(key, item, path, frame, properties))
    return;
  event.preventDefault();
}

/** Keys by which neighbours are chosen, too. */
function extended(event: KeyboardEvent, key: string, path: Path, properties: TreeDoes): boolean {
  const { block, onChoose, onExtend, onAll } = properties;
  if (event.shiftKey && key === "ArrowDown") onExtend(1);
  else if (event.shiftKey && key === "ArrowUp") onExtend(-1);
  else if (key === "Escape" && block.count > 1) onChoose(path);
  else if (key === "ctrl a" && typeof path.at(-1) === "number") onAll(path.slice(0, -1));
  else return false;
  return true;
}

function moved(
  key: string,
  item: HTMLElement,
  path: Path,
  frame: HTMLElement,
  { onFold }: TreeDoes,
): boolean {
  const all = [...frame.querySelectorAll<HTMLElement>("[role=treeitem]")];
  const at = all.indexOf(item);
  const go = (to: HTMLElement | null | undefined) => {
    to?.focus();
  };
  const open = item.getAttribute("aria-expanded");
  const fold = item.querySelector<HTMLElement>(":scope > .card-head > [data-fold]")?.dataset.fold;
  if (key === "ArrowDown") go(all[at + 1]);
  else if (key === "ArrowUp") go(all[at - 1]);
  else if (key === "Home") go(all[0]);
  else if (key === "End") go(all.at(-1));
  else if (key === "ArrowRight" && open === "false" && fold !== undefined) onFold(fold, path);
  else if (key === "ArrowRight" && open === "true")
    go(item.querySelector<HTMLElement>("[role=treeitem]"));
  else if (key === "ArrowLeft" && open === "true" && fold !== undefined) onFold(fold, path);
  else if (key === "ArrowLeft") go(item.parentElement?.closest<HTMLElement>("[role=treeitem]"));
  else return false;
  return true;
}
