/** Undo and redo over texts, each with what was selected. */

import type { Path } from "./source";

interface Entry {
  readonly text: string;
  readonly selection: Path;
  /** Of typing: where, and when last; null for what stands for itself. */
  readonly run: { readonly where: string; readonly at: number } | null;
}

export interface History {
  readonly past: readonly Entry[];
  readonly present: Entry;
  readonly future: readonly Entry[];
}

const LONGEST = 500;
/** Typing that rests so many milliseconds is over. */
const REST = 2000;

export function began(text: string, selection: Path): History {
  return { past: [], present: { text, selection, run: null }, future: [] };
}

/** An edit that stands for itself. */
export function recorded(history: History, text: string, selection: Path): History {
  if (text === history.present.text) return selected(history, selection);
  return advanced(history, { text, selection, run: null });
}

/**
 * A text that somebody types: together with what was typed in the same place right before it is one
 * entry. `where` tells places apart, such as the editor and each field.
 */
export function typed(
  history: History,
  text: string,
  selection: Path,
  where: string,
  now: number,
): History {
  const { present } = history;
  if (text === present.text) return selected(history, selection);
  const entry = { text, selection, run: { where, at: now } };
  const goesOn = present.run?.where === where && now - present.run.at < REST;
  if (!goesOn || history.future.length > 0) return advanced(history, entry);
  return { ...history, present: entry };
}

/** Another selection, which is nothing to undo. */
export function selected(history: History, selection: Path): History {
  return { ...history, present: { ...history.present, selection } };
}

function advanced(history: History, present: Entry): History {
  return { past: [...history.past, history.present].slice(-LONGEST), present, future: [] };
}

export function canUndo(history: History): boolean {
  return history.past.length > 0;
}

export function canRedo(history: History): boolean {
  return history.future.length > 0;
}

export function undone(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: { ...before, run: null },
    future: [history.present, ...history.future],
  };
}

export function redone(history: History): History {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: { ...next, run: null }, future };
}
