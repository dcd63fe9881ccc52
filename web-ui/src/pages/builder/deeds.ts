import { type Block, moveSteps, removeSteps } from "../../builder/blocks";
import { duplicateSteps, pasteSteps } from "../../builder/clipboard";
import { addHandler, type Fields, insertStep } from "../../builder/edits";
import type { Outline } from "../../builder/outline";
import { stepAt } from "../../builder/outline";
import { unwrapStep, wrapSteps } from "../../builder/reshape";
import type { Path } from "../../builder/source";
import type { Action, Edit } from "./bench";
import { besides, inside, outside, type Place, placeAfter } from "./places";

/** What a key does with the chosen steps. */
export type Deed = "up" | "down" | "out" | "in" | "duplicate" | "remove";

export type Do = (action: Action) => void;

/** A step that does nothing much, for lists that cannot be empty. */
const FIRST: Fields = { name: "first", command: "echo" };

function edit(said: string, run: Edit): Action {
  return { kind: "edit", edit: run, said };
}

function moving(said: string, block: Block, to: (outline: Outline) => Place): Action {
  return edit(said, (text, { outline, grammar }) => {
    if (stepAt(outline, block.path) === null) return { text, path: block.path };
    const { list, index } = to(outline);
    return moveSteps(text, block, list, index, grammar);
  });
}

/** The action of a key, or of a line of the menu. */
export function deed(what: Deed, block: Block): Action {
  switch (what) {
    case "up":
      return moving("Moved up", block, (outline) => besides(outline, block, -1));
    case "down":
      return moving("Moved down", block, (outline) => besides(outline, block, 1));
    case "out":
      return moving("Moved out", block, (outline) => outside(outline, block));
    case "in":
      return moving("Moved in", block, (outline) => inside(outline, block));
    case "duplicate":
      return edit("Duplicated", (text, { grammar }) => duplicateSteps(text, block, grammar));
    case "remove":
      return edit("Removed. Ctrl+Z brings it back.", (text, { grammar }) =>
        removeSteps(text, block, grammar),
      );
  }
}

export function moved(block: Block, list: Path, index: number): Action {
  return edit("Moved", (text, { grammar }) => moveSteps(text, block, list, index, grammar));
}

export function inserted(list: Path, index: number, step: Fields): Action {
  return edit("Added", (text, { grammar }) => insertStep(text, list, index, step, grammar));
}

/** What was copied, put after what is chosen; branches after branches, where there are some. */
export function pasted(chosen: Path, copied: string): Action {
  return edit("Pasted", (text, { outline, grammar }) => {
    const { list, index } = placeAfter(outline, chosen);
    return pasteSteps(text, list, index, copied, grammar);
  });
}

/** A branch more, with a first step, named so that the names differ. */
export function branchAdded(list: Path): Action {
  return edit("Added", (text, bench) => {
    const siblings = stepAt(bench.outline, list.slice(0, -1))?.lists.find(
      (one) => one.of === "branch",
    );
    const taken = new Set(siblings?.steps.map((one) => one.name));
    let number = taken.size + 1;
    while (taken.has(`branch-${number}`)) number += 1;
    const branch = { name: `branch-${number}`, steps: [FIRST] };
    return insertStep(text, list, siblings?.steps.length ?? 0, branch, bench.grammar);
  });
}

export function handlerAdded(path: Path, key: string): Action {
  return edit("Added", (text, { grammar }) => addHandler(text, path, key, FIRST, grammar));
}

export function wrapped(block: Block, kind: string): Action {
  return edit(`Wrapped into ${kind}`, (text, { grammar }) => wrapSteps(text, block, kind, grammar));
}

export function takenApart(path: Path): Action {
  return edit("Taken apart", (text, { grammar }) => unwrapStep(text, path, grammar));
}
