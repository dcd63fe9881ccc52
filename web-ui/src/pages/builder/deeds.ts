import {
  addHandler,
  duplicateStep,
  type Edited,
  type Fields,
  insertStep,
  moveStep,
  removeStep,
} from "../../builder/edits";
import type { Grammar } from "../../builder/grammar";
import { type Outline, stepAt, type StepNode } from "../../builder/outline";
import { unwrapStep, wrappers, wrapStep } from "../../builder/reshape";
import type { Path } from "../../builder/source";
import type { Action, Bench, Edit } from "./bench";
import { besides, inside, isBranch, outside, type Place } from "./places";
import type { MenuItem } from "./StepMenu";
import { inWords } from "./words";

/** What a key does with the chosen step. */
export type Deed = "up" | "down" | "out" | "in" | "duplicate" | "remove";

export type Do = (action: Action) => void;

/** A step that does nothing much, for lists that cannot be empty. */
const FIRST: Fields = { name: "first", command: "echo" };

function edit(said: string, run: Edit): Action {
  return { kind: "edit", edit: run, said };
}

function moving(said: string, path: Path, to: (outline: Outline, step: StepNode) => Place): Action {
  return edit(said, (text, bench) => {
    const step = stepAt(bench.outline, path);
    if (step === null) return { text, path };
    const { list, index } = to(bench.outline, step);
    return moveStep(text, path, list, index, bench.grammar);
  });
}

/** The action of a key, or of a line of the menu. */
export function deed(what: Deed, path: Path): Action {
  switch (what) {
    case "up":
      return moving("Moved up", path, (outline, step) => besides(outline, step, -1));
    case "down":
      return moving("Moved down", path, (outline, step) => besides(outline, step, 1));
    case "out":
      return moving("Moved out", path, (_, step) => outside(step));
    case "in":
      return moving("Moved in", path, inside);
    case "duplicate":
      return edit("Duplicated", (text, { grammar }) => duplicateStep(text, path, grammar));
    case "remove":
      return edit("Removed. Ctrl+Z brings it back.", (text, { grammar }) => ({
        ...removeStep(text, path, grammar),
        path,
      }));
  }
}

export function moved(path: Path, list: Path, index: number): Action {
  return edit("Moved", (text, { grammar }) => moveStep(text, path, list, index, grammar));
}

export function inserted(list: Path, index: number, step: Fields): Action {
  return edit("Added", (text, { grammar }) => insertStep(text, list, index, step, grammar));
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

function wrapped(path: Path, kind: string): Action {
  return edit(`Wrapped into ${kind}`, (text, { grammar }): Edited =>
    wrapStep(text, path, kind, grammar),
  );
}

interface Menu {
  readonly bench: Bench;
  readonly path: Path;
  readonly act: Do;
  readonly onMoveTo: (path: Path) => void;
  readonly onPalette: () => void;
}

/** What can be done with what is chosen: a step, a branch, a list, or the playbook. */
export function menuFor({ bench, path, act, onMoveTo, onPalette }: Menu): readonly MenuItem[] {
  const step = path.length > 0 ? stepAt(bench.outline, path) : null;
  const add: MenuItem = { label: "Add a step after it…", keys: "A", run: onPalette };
  const absent = path.length === 0 ? bench.outline.absent : (step?.absent ?? []);
  const handlers = absent.map((one): MenuItem => ({
    label: `Add ${inWords(one.key)}`,
    run: () => {
      act(handlerAdded(path, one.key));
    },
  }));
  if (step === null) return [{ ...add, label: "Add a step here…" }, ...handlers];
  const does = (label: string, what: Deed, keys?: string): MenuItem => ({
    label,
    ...(keys === undefined ? {} : { keys }),
    run: () => {
      act(deed(what, path));
    },
  });
  const branch = isBranch(path);
  const move: readonly MenuItem[] = [
    does("Move up", "up", "Alt+↑"),
    does("Move down", "down", "Alt+↓"),
    ...(branch ? [] : [does("Move out", "out", "Alt+←"), does("Move in", "in", "Alt+→")]),
    {
      label: "Move to…",
      run: () => {
        onMoveTo(path);
      },
    },
  ];
  return [
    add,
    { label: "Move" },
    ...move,
    ...(branch ? [] : wrapping(bench.grammar, step, act)),
    ...(handlers.length === 0 ? [] : [{ label: "Handle" }, ...handlers]),
    { label: branch ? "Branch" : "Step" },
    does("Duplicate", "duplicate", "Ctrl+D"),
    does("Remove", "remove", "Delete"),
  ];
}

function wrapping(grammar: Grammar, step: StepNode, act: Do): readonly MenuItem[] {
  const into = wrappers(grammar).map((kind): MenuItem => ({
    label: `Wrap into ${kind}`,
    run: () => {
      act(wrapped(step.path, kind));
    },
  }));
  if (!step.lists.some((one) => !one.handler)) return [{ label: "Wrap" }, ...into];
  const unwrap: MenuItem = {
    label: "Take apart",
    run: () => {
      act(edit("Taken apart", (text, bench) => unwrapStep(text, step.path, bench.grammar)));
    },
  };
  return [{ label: "Wrap" }, ...into, unwrap];
}
