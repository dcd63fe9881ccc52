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
import type { Path } from "../../builder/source";
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
  readonly said: Said;
}

export type Edit = (text: string, bench: Bench) => Edited;

export type Action =
  /** An edit by itself; `said` tells what was done with the step that it ends at. */
  | { readonly kind: "edit"; readonly edit: Edit; readonly said: string }
  /** Typed into the text, or (then `where` says which) into a field. */
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "field"; readonly edit: Edit; readonly where: string; readonly at: number }
  | { readonly kind: "replace"; readonly text: string; readonly said: string }
  | { readonly kind: "choose"; readonly path: Path }
  | { readonly kind: "line"; readonly line: number }
  | { readonly kind: "undo" }
  | { readonly kind: "redo" };

export function benchFor(text: string, grammar: Grammar): Bench {
  return {
    grammar,
    history: began(text, []),
    outline: outline(text, grammar),
    said: { text: "", refused: false, turn: 0 },
  };
}

/** What comes of an action. An edit that cannot be made changes nothing and says why. */
export function worked(bench: Bench, action: Action): Bench {
  const { history } = bench;
  const now = history.present;
  switch (action.kind) {
    case "edit":
    case "field":
      return edited(bench, action);
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

function edited(bench: Bench, action: Extract<Action, { kind: "edit" | "field" }>): Bench {
  const { history } = bench;
  let result: Edited;
  try {
    result = action.edit(history.present.text, bench);
  } catch (refused) {
    if (!(refused instanceof EditError)) throw refused;
    return said(bench, refused.message, true);
  }
  const { text, path } = result;
  if (action.kind === "field") {
    const after = typed(history, text, path, action.where, action.at);
    return { ...bench, history: after, outline: outline(text, bench.grammar, bench.outline) };
  }
  return shown(bench, recorded(history, text, path), action.said);
}

/** Another moment of the history, its outline, and a word about it. */
function shown(bench: Bench, history: History, words: string): Bench {
  const { text, selection } = history.present;
  const found = outline(text, bench.grammar, bench.outline);
  const chosen = settled(found, selection);
  const step = chosen.length > 0 ? stepAt(found, chosen) : null;
  const where = step === null ? "" : ` ${step.title} is ${spokenPlace(found, chosen)}.`;
  const after = { ...bench, history: selected(history, chosen), outline: found };
  return said(after, words.endsWith(".") ? words : `${words}.${where}`, false);
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
