/** A playbook's text, read: its tree with places, its plain value, and what is wrong with it. */

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

/** Where a value stands in the document: `["steps", 2, "then", 0]`. */
export type Path = readonly (string | number)[];

/** Why a text cannot be read; line and column begin with 1. */
export interface Problem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export interface Source {
  readonly text: string;
  readonly document: Document;
  readonly value: unknown;
  readonly problem: Problem | null;
  /** The offsets at which its lines begin. */
  readonly starts: readonly number[];
}

const REMEMBERED = 6;
const recent = new Map<string, Source>();

/** Reads a text. What was read last is remembered: several look at one text. */
export function read(text: string): Source {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const found = parse(text);
  recent.set(text, found);
  for (const oldest of recent.keys()) {
    if (recent.size <= REMEMBERED) break;
    recent.delete(oldest);
  }
  return found;
}

function parse(text: string): Source {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, keepSourceTokens: true, logLevel: "silent" });
  const starts = lineCounter.lineStarts.length > 0 ? lineCounter.lineStarts : [0];
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const problem = {
      message: said(error.message),
      line: Math.max(line, 1),
      column: Math.max(col, 1),
    };
    return { text, document, value: undefined, problem, starts };
  }
  try {
    return { text, document, value: document.toJS(), problem: null, starts };
  } catch (refused) {
    const message = refused instanceof Error ? refused.message : String(refused);
    return { text, document, value: undefined, problem: { message, line: 1, column: 1 }, starts };
  }
}

/** The library puts the place and an excerpt after the message; both are shown elsewhere. */
function said(message: string): string {
  const first = message.split("\n", 1)[0] ?? message;
  return first.replace(/ at line \d+, column \d+:?$/, "");
}

/** The line of an offset, the first being 0. */
export function lineOf(source: Source, offset: number): number {
  let low = 0;
  let high = source.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function lineStart(source: Source, line: number): number {
  return source.starts[line] ?? source.text.length;
}

/** The text of a line, without its end. */
export function lineText(source: Source, line: number): string {
  const end = lineStart(source, line + 1);
  return source.text.slice(lineStart(source, line), end).replace(/\r?\n$/, "");
}

export function lineCount(source: Source): number {
  const { text, starts } = source;
  return (starts.at(-1) ?? 0) >= text.length && text.length > 0 ? starts.length - 1 : starts.length;
}

/** How far in an offset stands in its line. */
export function columnOf(source: Source, offset: number): number {
  return offset - lineStart(source, lineOf(source, offset));
}

/** The node at a path, as it is written there; undefined where there is none. */
export function nodeAt(source: Source, path: Path): Node | undefined {
  let node: unknown = source.document.contents;
  for (const key of path) {
    if (isMap(node)) node = pairOf(node, String(key))?.value;
    else if (isSeq(node)) node = node.items[Number(key)];
    else return undefined;
  }
  return isNodeLike(node) ? node : undefined;
}

export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => keyText(pair) === key);
}

export function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** Whether somebody else's text is at that path, or on the way to it: that of an anchor. */
export function isShared(source: Source, path: Path): boolean {
  for (let length = 0; length <= path.length; length += 1) {
    if (isAlias(nodeAt(source, path.slice(0, length)))) return true;
  }
  return false;
}

/** Where what is written of a node ends, without the comments and blank lines after it. */
export function contentEnd(source: Source, node: Node): number {
  const range = node.range;
  if (range === null || range === undefined) return 0;
  if (isCollection(node) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    const end = last === undefined ? range[0] : endOfItem(source, last);
    return Math.max(end, range[0]);
  }
  let end = range[1];
  while (end > range[0] && /\s/.test(source.text.charAt(end - 1))) end -= 1;
  return end;
}

function endOfItem(source: Source, item: unknown): number {
  if (isNodeLike(item)) return contentEnd(source, item);
  const { key, value } = item as Pair<Node, Node | null>;
  const end = contentEnd(source, key);
  return value === null ? end : Math.max(end, contentEnd(source, value));
}

const dashesOf = new WeakMap<YAMLSeq, readonly number[]>();

/** Where the dash of each item of a sequence in block style stands. */
export function dashes(seq: YAMLSeq): readonly number[] {
  const known = dashesOf.get(seq);
  if (known !== undefined) return known;
  const found = findDashes(seq);
  dashesOf.set(seq, found);
  return found;
}

function findDashes(seq: YAMLSeq): readonly number[] {
  const token = seq.srcToken;
  if (token?.type !== "block-seq") return [];
  const found: number[] = [];
  for (const item of token.items) {
    const dash = item.start.find((one) => one.type === "seq-item-ind");
    if (dash !== undefined) found.push(dash.offset);
  }
  return found;
}

function isNodeLike(value: unknown): value is Node {
  return isAlias(value) || isScalar(value) || isCollection(value);
}

/** What stands at a path of a plain value. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}

/** The same path? */
export function samePath(one: Path, other: Path): boolean {
  return (
    one.length === other.length && one.every((key, index) => String(key) === String(other[index]))
  );
}

/** Whether a path is that of something inside of another, or that itself. */
export function isWithin(path: Path, around: Path): boolean {
  return path.length >= around.length && samePath(path.slice(0, around.length), around);
}
