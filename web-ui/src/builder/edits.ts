/**
 * Edits of a playbook's text. Everything that an edit does not touch stays as it was written,
 * comments and blank lines too: only the lines concerned are exchanged. Where that cannot be done
 * (for instance inside of lists in one line that hold comments), the library writes the document
 * anew from its tree, with all comments. Each result is read again and compared with the same edit
 * on the plain value; an edit that cannot be made is refused with an EditError, never done in part.
 */

import { type Document, isMap, isSeq, parseDocument } from "yaml";

import type { Grammar } from "./grammar";
import {
  itemAdded,
  itemLines,
  itemRemoved,
  pairAdded,
  pairRemoved,
  strayComments,
  unfolded,
} from "./pairs";
import { copied, put, putItem, same } from "./plain";
import {
  isShared,
  isWithin,
  nodeAt,
  type Path,
  read,
  samePath,
  type Source,
  valueAt,
} from "./source";
import { replaced, type Splice, spliced, Unfit } from "./splices";

/** An edit that cannot be made, and why. */
export class EditError extends Error {}

/** The text after an edit, and where what was edited is now. */
export interface Edited {
  readonly text: string;
  readonly path: Path;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Puts a step (or branch) into a list, before the one at `index`; the list is made if need be. */
export function insertStep(
  text: string,
  list: Path,
  index: number,
  step: Fields,
  grammar: Grammar,
): Edited {
  return insertItem(text, list, index, { value: step }, grammar);
}

/** The same with the lines of the item as they are to be written, its dash at the left margin. */
export function insertItem(
  text: string,
  list: Path,
  index: number,
  item: { readonly value: unknown; readonly lines?: readonly string[] },
  grammar: Grammar,
): Edited {
  const ready = opened(text, list);
  const value = valueAt(read(ready).value, list);
  const at = Math.max(0, Math.min(index, Array.isArray(value) ? value.length : 0));
  const result = settled(ready, {
    plain: (root) => {
      putItem(root, list, at, copied(item.value));
    },
    quick: (source) => [itemAdded(source, list, at, item, stepKeysOf(grammar))],
    slow: (document) => {
      insertNode(document, list, at, document.createNode(item.value));
    },
  });
  return { text: result, path: [...list, at] };
}

/** Takes a step away, with the comments that belong to it; a list that needs no step goes with its last. */
export function removeStep(text: string, path: Path, grammar: Grammar): Edited {
  const ready = opened(text, path.slice(0, -1));
  const gone = leaving(ready, path, grammar);
  const result = settled(ready, {
    plain: (root) => {
      put(root, gone, undefined);
    },
    quick: (source) => [removal(source, gone)],
    slow: (document) => document.deleteIn(gone),
  });
  return { text: result, path: path.slice(0, -2) };
}

/**
 * Moves a step, with its comments, to before what is at `index` of a list now, that step itself
 * counted too if it is there. It cannot be moved into itself.
 */
export function moveStep(
  text: string,
  from: Path,
  list: Path,
  index: number,
  grammar: Grammar,
): Edited {
  if (isWithin(list, from)) throw new EditError("A step cannot be moved into itself.");
  const ready = opened(opened(text, from.slice(0, -1)), list);
  const source = read(ready);
  const value = valueAt(source.value, from);
  if (value === undefined) throw new EditError("There is no such step.");
  const there = valueAt(source.value, list);
  const at = Math.max(0, Math.min(index, Array.isArray(there) ? there.length : 0));
  const old = Number(from.at(-1));
  const within = samePath(list, from.slice(0, -1));
  if (within && (at === old || at === old + 1)) return { text, path: from };
  const gone = leaving(ready, from, grammar);
  const result = settled(ready, {
    plain: (root) => {
      const moved = valueAt(root, from);
      // Looked up first: what is put before them moves the places of others.
      const siblings = valueAt(root, from.slice(0, -1)) as unknown[];
      const holder = valueAt(root, gone.slice(0, -1)) as object;
      const mark = {};
      put(root, from, mark);
      putItem(root, list, at, moved);
      siblings.splice(siblings.indexOf(mark), 1);
      if (gone.length < from.length) Reflect.deleteProperty(holder, String(gone.at(-1)));
    },
    quick: (now) => {
      const lines = [...strayComments(now, from, gone), ...itemLines(now, from)];
      return [removal(now, gone), itemAdded(now, list, at, { value, lines }, stepKeysOf(grammar))];
    },
    slow: (document) => {
      moveNode(document, from, list, at, gone);
    },
  });
  return { text: result, path: [...afterRemoval(list, gone), within && old < at ? at - 1 : at] };
}

/** `name`, `name-2`, `name-3`…: the first that is not taken. */
export function freeName(name: string, taken: ReadonlySet<unknown>): string {
  const stem = name.replace(/-\d+$/, "");
  for (let number = 2; ; number += 1) {
    const found = `${stem}-${number}`;
    if (!taken.has(found)) return found;
  }
}

/** Gives a step, a branch, or (with an empty path) the playbook a list of handlers with a first step. */
export function addHandler(
  text: string,
  path: Path,
  handler: string,
  step: Fields,
  grammar: Grammar,
): Edited {
  const list = [...path, handler];
  const there = valueAt(read(text).value, list);
  return insertStep(text, list, Array.isArray(there) ? there.length : 0, step, grammar);
}

/**
 * Another value at a path; undefined takes the key away. Maps and lists are changed part by part,
 * so that the comments in what stays the same stay too.
 */
export function setField(text: string, path: Path, value: unknown, grammar: Grammar): string {
  const source = readable(text);
  if (isShared(source, path.slice(0, -1))) throw shared();
  const old = valueAt(source.value, path);
  if (same(old, value)) return text;
  if (isRecord(old) && isRecord(value) && Object.keys(value).length > 0) {
    const keys = new Set([...Object.keys(value), ...Object.keys(old)]);
    let result = text;
    for (const key of keys) result = setField(result, [...path, key], value[key], grammar);
    return result;
  }
  if (Array.isArray(old) && Array.isArray(value) && value.length > 0 && old.length > 0) {
    return setList(text, path, old, value, grammar);
  }
  return setValue(text, path, value, grammar);
}

function setValue(text: string, path: Path, value: unknown, grammar: Grammar): string {
  return settled(text, {
    plain: (root) => {
      put(root, path, copied(value));
    },
    quick: (source) => [fieldSplice(source, path, value, grammar)],
    slow: (document) => {
      if (value === undefined) document.deleteIn(path);
      else document.setIn(path, document.createNode(value));
    },
  });
}

function fieldSplice(source: Source, path: Path, value: unknown, grammar: Grammar): Splice {
  if (value === undefined) return removal(source, path);
  if (nodeAt(source, path) !== undefined) return replaced(source, path, value);
  let length = path.length - 1;
  while (length > 0 && (valueAt(source.value, path.slice(0, length)) ?? null) === null) length -= 1;
  const inner = path
    .slice(length + 1)
    .reduceRight<unknown>((made, key) => ({ [key]: made }), value);
  const holder = path.slice(0, length);
  const key = String(path[length]);
  const there = nodeAt(source, [...holder, key]);
  if (there !== undefined) return replaced(source, [...holder, key], inner);
  return pairAdded(source, holder, key, inner, stepKeysOf(grammar));
}

/** What is the same at both ends of a list stays untouched. */
function setList(
  text: string,
  path: Path,
  old: readonly unknown[],
  wanted: readonly unknown[],
  grammar: Grammar,
): string {
  const shorter = Math.min(old.length, wanted.length);
  let head = 0;
  while (head < shorter && same(old[head], wanted[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && same(old.at(-1 - tail), wanted.at(-1 - tail))) tail += 1;
  const common = shorter - tail;
  let result = text;
  for (let at = head; at < common; at += 1)
    result = setField(result, [...path, at], wanted[at], grammar);
  for (let at = old.length - tail - 1; at >= common; at -= 1) {
    result = setField(result, [...path, at], undefined, grammar);
  }
  for (let at = common; at < wanted.length - tail; at += 1) {
    result = insertValue(result, path, at, wanted[at]);
  }
  return result;
}

function insertValue(text: string, list: Path, index: number, value: unknown): string {
  return settled(text, {
    plain: (root) => {
      putItem(root, list, index, copied(value));
    },
    quick: (source) => [itemAdded(source, list, index, { value })],
    slow: (document) => {
      insertNode(document, list, index, document.createNode(value));
    },
  });
}

interface Edit {
  readonly plain: (root: unknown) => void;
  readonly quick: (source: Source) => readonly Splice[];
  readonly slow: (document: Document) => unknown;
}

/** The text after an edit, proven: it reads as what the plain value has become. */
export function settled(text: string, edit: Edit): string {
  const source = readable(text);
  const wanted = { root: copied(source.value ?? {}) };
  edit.plain(wanted.root);
  try {
    const result = spliced(source.text, edit.quick(source));
    if (isProven(result, wanted.root)) return result;
  } catch (refused) {
    if (!(refused instanceof Unfit)) throw refused;
  }
  const document: Document = parseDocument(source.text);
  try {
    edit.slow(document);
    const result = document.toString({ lineWidth: 0, flowCollectionPadding: false });
    if (isProven(result, wanted.root)) return result;
  } catch {
    // What the library refuses, such as taking away an anchor that is used, is refused below.
  }
  throw shared();
}

function isProven(text: string, wanted: unknown): boolean {
  const found = read(text);
  return found.problem === null && same(found.value ?? {}, wanted);
}

function readable(text: string): Source {
  const source = read(text);
  if (source.problem === null) return source;
  throw new EditError(`The text cannot be read (line ${source.problem.line}): mend it first.`);
}

function shared(): EditError {
  return new EditError(
    "This is tied to another place by an anchor (& and *): edit it in the text.",
  );
}

/** The text with everything on the way to a list in block style, so that lines can be moved. */
export function opened(text: string, list: Path): string {
  const source = readable(text);
  if (isShared(source, list)) throw shared();
  try {
    const splice = unfolded(source, list);
    if (splice === null) return text;
    const result = spliced(text, [splice]);
    return isProven(result, source.value) ? opened(result, list) : text;
  } catch (refused) {
    if (refused instanceof Unfit) return text;
    throw refused;
  }
}

/** What goes when a step goes: itself, or the list that it leaves empty, unless one is needed. */
function leaving(text: string, path: Path, grammar: Grammar): Path {
  const list = path.slice(0, -1);
  const value = valueAt(read(text).value, list);
  if (!Array.isArray(value) || value.length > 1) return path;
  return isNeeded(grammar, String(list.at(-1))) ? path : list;
}

function isNeeded(grammar: Grammar, key: string): boolean {
  const every = [grammar.playbook, grammar.branch, ...grammar.kinds];
  return every.some((kind) => kind.lists.some((one) => one.key === key && one.required));
}

function stepKeysOf(grammar: Grammar): readonly string[] {
  const every = [grammar.playbook, grammar.branch, ...grammar.kinds];
  return [...new Set(every.flatMap((kind) => kind.lists.map((one) => one.key)))];
}

function removal(source: Source, path: Path): Splice {
  return typeof path.at(-1) === "number" ? itemRemoved(source, path) : pairRemoved(source, path);
}

/** Where a path leads once something else is gone. */
function afterRemoval(path: Path, gone: Path): Path {
  const depth = gone.length - 1;
  const key = gone.at(-1);
  const place = path[depth];
  if (typeof key !== "number" || typeof place !== "number" || place <= key) return path;
  if (!samePath(path.slice(0, depth), gone.slice(0, depth))) return path;
  return [...path.slice(0, depth), place - 1, ...path.slice(depth + 1)];
}

function insertNode(document: Document, list: Path, index: number, node: unknown): void {
  const seq = document.getIn(list);
  if (isSeq(seq)) seq.items.splice(index, 0, node);
  else document.setIn(list, document.createNode([node]));
}

function moveNode(document: Document, from: Path, list: Path, at: number, gone: Path): void {
  const seq = document.getIn(from.slice(0, -1));
  const holder = document.getIn(gone.slice(0, -1));
  if (!isSeq(seq)) return;
  const mark = document.createNode(null);
  const [node] = seq.items.splice(Number(from.at(-1)), 1, mark);
  insertNode(document, list, at, node);
  seq.items.splice(seq.items.indexOf(mark), 1);
  if (gone.length < from.length && isMap(holder)) holder.delete(String(gone.at(-1)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
