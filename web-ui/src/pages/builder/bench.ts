import { type Block, blockOf, pathsIn } from "../../builder/blocks";
import { EditError, type Edited } from "../../builder/edits";
import type { Grammar } from "../../builder/grammar";
import {
  began,
  type History,
  recorded,
  redone,
  selected,
  typed,
  undone,
} from "../../builder/history";
import { outline, type Outline, stepAround, stepAt, stepAtLine } from "../../builder/outline";
import { type Path, samePath } from "../../builder/source";
import { isList, listAt, spokenPlace } from "./places";

/** What was done or refused, to be shown and heard; the turn tells two alike apart. */
export interface Said {
  readonly text: string;
  readonly refused: boolean;
  readonly turn: number;
}

/** What is on the bench: a text with its past, what it says, and what of it is chosen. */
export interface Bench {
  readonly grammar: Grammar;
  readonly history: History;
  readonly outline: Outline;
  /** The other end of what is chosen, where that is more than one step. */
  readonly anchor: Path | null;
  readonly said: Said;
}

/** An edit; of several steps it says how many there are at its path now. */
export type Edit = (text: string, bench: Bench) => Edited & { readonly count?: number };

export type Action =
  /** An edit by itself; `said` tells what was done with the step that it ends at. */
  | { readonly kind: "edit"; readonly edit: Edit; readonly said: string }
  /** Typed into the text, or (then `where` says which) into a field. */
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "field"; readonly edit: Edit; readonly where: string; readonly at: number }
  | { readonly kind: "replace"; readonly text: string; readonly said: string }
  | { readonly kind: "choose"; readonly path: Path }
  /** All from what is chosen to a neighbour, or to that many places further on. */
  | { readonly kind: "extend"; readonly to: Path | number }
  | { readonly kind: "say"; readonly said: string; readonly refused: boolean }
  | { readonly kind: "line"; readonly line: number }
  | { readonly kind: "undo" }
  | { readonly kind: "redo" };

export function benchFor(text: string, grammar: Grammar): Bench {
  return {
    grammar,
    history: began(text, []),
    outline: outline(text, grammar),
    anchor: null,
    said: { text: "", refused: false, turn: 0 },
  };
}

/** The steps that are chosen: one, or neighbours. */
export function chosenBlock(bench: Bench): Block {
  return blockOf(bench.history.present.selection, bench.anchor);
}

/** What is meant by a step: all that are chosen if it is one of these, or else it alone. */
export function blockAt(bench: Bench, path: Path): Block {
  const block = chosenBlock(bench);
  return pathsIn(block).some((one) => samePath(one, path)) ? block : { path, count: 1 };
}

/** What comes of an action. An edit that cannot be made changes nothing and says why. */
export function worked(bench: Bench, action: Action): Bench {
  if (action.kind === "extend") return extended(bench, action.to);
  if (action.kind === "say") return said(bench, action.said, action.refused);
  return done(bench.anchor === null ? bench : { ...bench, anchor: null }, action, bench);
}

/** More or fewer neighbours are chosen; what is no neighbour is chosen alone. */
function extended(bench: Bench, to: Path | number): Bench {
  const { history, anchor } = bench;
  const now = history.present.selection;
  if (isList(now) || now.length === 0) return bench;
  const from = anchor ?? now;
  const path = typeof to === "number" ? [...now.slice(0, -1), Number(now.at(-1)) + to] : to;
  if (stepAt(bench.outline, path) === null) return bench;
  const along = samePath(path.slice(0, -1), from.slice(0, -1));
  const after = { ...bench, history: selected(history, path), anchor: along ? from : null };
  const { count } = chosenBlock(after);
  return said(after, count === 1 ? "" : `${count} steps are chosen.`, false);
}

type Done = Exclude<Action, { kind: "extend" | "say" }>;

/** What comes of an action by which one step is chosen. Edits look at what was chosen `before`. */
function done(bench: Bench, action: Done, before: Bench): Bench {
  const { history } = bench;
  const now = history.present;
  switch (action.kind) {
    case "edit":
    case "field":
      return edited(bench, action, before);
    case "text": {
      const found = outline(action.text, bench.grammar, bench.outline);
      const chosen = settled(found, now.selection);
      return {
        ...bench,
        outline: found,
        history: typed(history, action.text, chosen, "text", action.at),
      };
    }
    case "replace":
      return shown(bench, recorded(history, action.text, []), action.said);
    case "choose":
      return { ...bench, history: selected(history, action.path) };
    case "line": {
      const path = stepAtLine(bench.outline, action.line)?.path ?? [];
      return { ...bench, history: selected(history, path) };
    }
    case "undo":
      if (history.past.length === 0) return said(bench, "There is nothing to undo.", true);
      return shown(bench, undone(history), "Undone.");
    case "redo":
      if (history.future.length === 0) return said(bench, "There is nothing to redo.", true);
      return shown(bench, redone(history), "Redone.");
  }
}

function edited(
  bench: Bench,
  action: Extract<Action, { kind: "edit" | "field" }>,
  before: Bench,
): Bench {
  const { history } = bench;
  let result: ReturnType<Edit>;
  try {
    result = action.edit(history.present.text, before);
  } catch (refused) {
    if (!(refused instanceof EditError)) throw refused;
    return said(before, refused.message, true);
  }
  const { text, path, count = 1 } = result;
  if (action.kind === "field") {
    const after = typed(history, text, path, action.where, action.at);
    return { ...bench, history: after, outline: outline(text, bench.grammar, bench.outline) };
  }
  const last = [...path.slice(0, -1), Number(path.at(-1)) + count - 1];
  const anchor = count > 1 ? last : null;
  return shown({ ...bench, anchor }, recorded(history, text, path), action.said);
}

/** Another moment of the history, its outline, and a word about it. */
function shown(bench: Bench, history: History, words: string): Bench {
  const { text, selection } = history.present;
  const found = outline(text, bench.grammar, bench.outline);
  const chosen = settled(found, selection);
  const after = { ...bench, history: selected(history, chosen), outline: found };
  const where = words.endsWith(".") ? "" : `.${placeOf(after)}`;
  return said(after, `${words}${where}`, false);
}

/** Where what is chosen stands now. */
function placeOf(bench: Bench): string {
  const block = chosenBlock(bench);
  const step = block.path.length > 0 ? stepAt(bench.outline, block.path) : null;
  if (step === null) return "";
  const which = block.count === 1 ? `${step.title} is` : `${block.count} steps are`;
  return ` ${which} ${spokenPlace(bench.outline, block)}.`;
}

function said(bench: Bench, text: string, refused: boolean): Bench {
  return { ...bench, said: { text, refused, turn: bench.said.turn + 1 } };
}

/** What is chosen after an edit: the same, if it is there, or else what is around it. */
function settled(found: Outline, chosen: Path): Path {
  if (found.problem !== null || chosen.length === 0) return chosen;
  if (isList(chosen)) return listAt(found, chosen) === null ? aroundList(found, chosen) : chosen;
  if (stepAt(found, chosen) !== null) return chosen;
  const before = Number(chosen.at(-1)) - 1;
  const beside = [...chosen.slice(0, -1), before];
  if (before >= 0 && stepAt(found, beside) !== null) return beside;
  return stepAround(found, chosen)?.path ?? [];
}

/** A list that could be there, such as `else`, can be chosen as long as its step is there. */
function aroundList(found: Outline, chosen: Path): Path {
  const owner = chosen.slice(0, -1);
  if (owner.length === 0 || stepAt(found, owner) !== null) return chosen;
  return stepAround(found, owner)?.path ?? [];
}
