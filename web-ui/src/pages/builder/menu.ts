import type { Block } from "../../builder/blocks";
import type { Grammar } from "../../builder/grammar";
import { stepAt, type StepNode } from "../../builder/outline";
import { wrappers } from "../../builder/reshape";
import type { Path } from "../../builder/source";
import { type Bench, blockAt } from "./bench";
import { deed, type Deed, type Do, handlerAdded, takenApart, wrapped } from "./deeds";
import { isBranch } from "./places";
import type { MenuItem } from "./StepMenu";
import { inWords } from "./words";

interface Menu {
  readonly bench: Bench;
  readonly path: Path;
  readonly act: Do;
  readonly onMoveTo: () => void;
  readonly onPalette: () => void;
  readonly onCopy: () => void;
  /** Null as long as nothing was copied here. */
  readonly onPaste: (() => void) | null;
}

/** What can be done with what is chosen: steps, branches, a list, or the playbook. */
export function menuFor(menu: Menu): readonly MenuItem[] {
  const { bench, path, act, onPalette, onPaste } = menu;
  const step = path.length > 0 ? stepAt(bench.outline, path) : null;
  const absent = path.length === 0 ? bench.outline.absent : (step?.absent ?? []);
  const handlers = absent.map((one): MenuItem => ({
    label: `Add ${inWords(one.key)}`,
    run: () => {
      act(handlerAdded(path, one.key));
    },
  }));
  const paste: readonly MenuItem[] =
    onPaste === null ? [] : [{ label: "Paste", keys: "Ctrl+V", run: onPaste }];
  const add = { label: "Add a step here…", keys: "A", run: onPalette };
  if (step === null) return [add, ...paste, ...handlers];
  const block = blockAt(bench, path);
  if (block.count > 1) return ofSeveral(menu, block);
  const branch = isBranch(path);
  return [
    { ...add, label: branch ? "Add a step in it…" : "Add a step after it…" },
    { label: "Move" },
    ...moves(menu, block),
    ...(branch ? [] : wrapping(bench.grammar, step, act)),
    ...(handlers.length === 0 ? [] : [{ label: "Handle" }, ...handlers]),
    { label: branch ? "Branch" : "Step" },
    ...copies(menu, block),
    ...paste,
    does(act, block, "Remove", "remove", "Delete"),
  ];
}

function ofSeveral(menu: Menu, block: Block): readonly MenuItem[] {
  const { bench, act } = menu;
  const steps = isBranch(block.path) ? [] : intoKinds(bench.grammar, block, act);
  return [
    { label: "Move" },
    ...moves(menu, block),
    ...(steps.length === 0 ? [] : [{ label: "Wrap" }, ...steps]),
    { label: `All ${block.count}` },
    ...copies(menu, block),
    does(act, block, "Remove", "remove", "Delete"),
  ];
}

function does(act: Do, block: Block, label: string, what: Deed, keys: string): MenuItem {
  return {
    label,
    keys,
    run: () => {
      act(deed(what, block));
    },
  };
}

function moves({ act, onMoveTo }: Menu, block: Block): readonly MenuItem[] {
  const across = [
    does(act, block, "Move out", "out", "Alt+←"),
    does(act, block, "Move in", "in", "Alt+→"),
  ];
  return [
    does(act, block, "Move up", "up", "Alt+↑"),
    does(act, block, "Move down", "down", "Alt+↓"),
    ...(isBranch(block.path) ? [] : across),
    { label: "Move to…", run: onMoveTo },
  ];
}

function copies({ act, onCopy }: Menu, block: Block): readonly MenuItem[] {
  return [
    { label: "Copy", keys: "Ctrl+C", run: onCopy },
    does(act, block, "Duplicate", "duplicate", "Ctrl+D"),
  ];
}

function intoKinds(grammar: Grammar, block: Block, act: Do): readonly MenuItem[] {
  return wrappers(grammar).map((kind) => ({
    label: `Wrap into ${kind}`,
    run: () => {
      act(wrapped(block, kind));
    },
  }));
}

function wrapping(grammar: Grammar, step: StepNode, act: Do): readonly MenuItem[] {
  const into = intoKinds(grammar, { path: step.path, count: 1 }, act);
  if (!step.lists.some((one) => !one.handler)) return [{ label: "Wrap" }, ...into];
  const unwrap: MenuItem = {
    label: "Take apart",
    run: () => {
      act(takenApart(step.path));
    },
  };
  return [{ label: "Wrap" }, ...into, unwrap];
}
