/** Changes of a text that leave everything else in it as it was written. */

import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

import { afterKey, indented, inFlow, isBlockText } from "./rendering";
import {
  columnOf,
  contentEnd,
  dashes,
  keyText,
  lineCount,
  lineOf,
  lineStart,
  lineText,
  nodeAt,
  pairOf,
  type Path,
  type Source,
} from "./source";

/** What stands from one offset to another is replaced. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** This place cannot be edited as text alone: the document has to be written anew. */
export class Unfit extends Error {}

/** A range of whole lines, the last one not included. */
export type Region = readonly [first: number, end: number];

export function spliced(text: string, splices: readonly Splice[]): string {
  const ordered = [...splices].sort((one, other) => other.from - one.from || other.to - one.to);
  let result = text;
  let before = Infinity;
  for (const { from, to, text: put } of ordered) {
    if (to > before) throw new Unfit();
    result = result.slice(0, from) + put + result.slice(to);
    before = from;
  }
  return result;
}

/** The lines of an item of a block sequence, with the comments that belong to it. */
export function itemRegion(source: Source, seq: YAMLSeq, index: number): Region {
  const found = dashes(seq);
  const dash = found[index];
  if (dash === undefined || !opensLine(source, dash)) throw new Unfit();
  const column = columnOf(source, dash);
  const floor = index === 0 ? 0 : lineOf(source, itemEnd(source, seq, found, index - 1) - 1) + 1;
  const first = leadOf(source, lineOf(source, dash), floor, index === 0 ? Infinity : column);
  return [first, tailOf(source, lineOf(source, itemEnd(source, seq, found, index) - 1), column)];
}

function itemEnd(source: Source, seq: YAMLSeq, found: readonly number[], index: number): number {
  const item = seq.items[index];
  const end = isNode(item) ? contentEnd(source, item) : 0;
  return Math.max(end, (found[index] ?? 0) + 1);
}

/** The lines of a pair of a block mapping, with the comments that belong to it. */
export function pairRegion(source: Source, map: YAMLMap, key: string): Region {
  const index = map.items.findIndex((pair) => keyText(pair) === key);
  const pair = map.items[index];
  const before = map.items[index - 1];
  if (pair === undefined || !isNode(pair.key)) throw new Unfit();
  const start = keyStart(source, pair.key);
  const column = columnOf(source, start);
  const first = lineOf(source, start);
  const floor = before === undefined ? 0 : lineOf(source, pairEnd(source, before) - 1) + 1;
  const lead = opensLine(source, start)
    ? leadOf(source, first, floor, index === 0 ? Infinity : column)
    : first;
  return [lead, tailOf(source, lineOf(source, pairEnd(source, pair) - 1), column)];
}

function pairEnd(source: Source, pair: Pair): number {
  const key = isNode(pair.key) ? contentEnd(source, pair.key) : 0;
  return isNode(pair.value) ? Math.max(key, contentEnd(source, pair.value)) : key;
}

/** Where a key begins. What begins with `?`, an anchor or a tag is rare, and not taken apart. */
export function keyStart(source: Source, key: Node): number {
  const start = key.range?.[0] ?? 0;
  const before = source.text.slice(lineStart(source, lineOf(source, start)), start);
  if (!/^[\s-]*$/.test(before)) throw new Unfit();
  return start;
}

export function opensLine(source: Source, offset: number): boolean {
  return source.text.slice(lineStart(source, lineOf(source, offset)), offset).trim() === "";
}

/** Comments right above a line belong to it, unless they are indented more. */
function leadOf(source: Source, line: number, floor: number, column: number): number {
  let first = line;
  while (first > floor) {
    const text = lineText(source, first - 1);
    if (!isComment(text) || depthOf(text) > column) break;
    first -= 1;
  }
  return first;
}

/** Comments below that are indented more than what they follow belong to it. */
function tailOf(source: Source, last: number, column: number): number {
  let end = last + 1;
  for (let line = end; line < lineCount(source); line += 1) {
    const text = lineText(source, line);
    if (text.trim() === "") continue;
    if (!isComment(text) || depthOf(text) <= column) break;
    end = line + 1;
  }
  return end;
}

function isComment(text: string): boolean {
  return text.trimStart().startsWith("#");
}

function depthOf(text: string): number {
  return text.length - text.trimStart().length;
}

export function linesOfRegion(source: Source, [first, end]: Region): readonly string[] {
  const found: string[] = [];
  for (let line = first; line < end; line += 1) found.push(lineText(source, line));
  return found;
}

/** Takes whole lines away, and one of two blank lines that would come to stand together. */
export function without(source: Source, [first, end]: Region): Splice {
  const before = first === 0 ? "" : lineText(source, first - 1);
  const opening = before.trim() === "" || /:\s*(#.*)?$/.test(before);
  const blankAfter = end < lineCount(source) && lineText(source, end).trim() === "";
  const to = opening && blankAfter ? end + 1 : end;
  return { from: lineStart(source, first), to: lineStart(source, to), text: "" };
}

/** Puts whole lines before a line; the text before gets an end of line if it has none. */
export function linesAt(source: Source, line: number, put: readonly string[]): Splice {
  const from = lineStart(source, line);
  const open = from === source.text.length && from > 0 && !source.text.endsWith("\n");
  return { from, to: from, text: (open ? "\n" : "") + put.map((one) => `${one}\n`).join("") };
}

/** Other lines, their dashes at the left margin, in the place of some items'. */
export function itemsExchanged(
  source: Source,
  seq: Node | undefined,
  index: number,
  count: number,
  lines: readonly string[],
): Splice {
  const dash = isSeq(seq) ? dashes(seq)[index] : undefined;
  if (!isSeq(seq) || dash === undefined) throw new Unfit();
  const [first] = itemRegion(source, seq, index);
  const [, end] = itemRegion(source, seq, index + count - 1);
  const put = shifted(lines, columnOf(source, dash));
  const text = put.map((line) => `${line}\n`).join("");
  return { from: lineStart(source, first), to: lineStart(source, end), text };
}

/** The item's lines, put at another column. */
export function shifted(lines: readonly string[], by: number): readonly string[] {
  return lines.map((line) => indented(line, by));
}

/** How far items are indented below their key: two, or none where the text does it so. */
export function listStep(source: Source): number {
  const contents = source.document.contents;
  if (!isMap(contents)) return 2;
  for (const pair of contents.items) {
    if (!isSeq(pair.value) || !isNode(pair.key)) continue;
    const dash = dashes(pair.value)[0];
    if (dash === undefined) continue;
    return columnOf(source, dash) - columnOf(source, pair.key.range?.[0] ?? 0) > 0 ? 2 : 0;
  }
  return 2;
}

/** Whether the items of a list stand apart from each other by blank lines. */
export function isSpaced(source: Source, seq: YAMLSeq): boolean {
  if (seq.items.length < 2) return false;
  return seq.items.every((_, index) => {
    const before = itemRegion(source, seq, index)[0] - 1;
    return index === 0 || lineText(source, before).trim() === "";
  });
}

/** Another value in the place of one that is there. */
export function replaced(source: Source, path: Path, value: unknown): Splice {
  const node = nodeAt(source, path);
  const range = node?.range;
  if (node === undefined || range === null || range === undefined) throw new Unfit();
  const end = contentEnd(source, node);
  if (inFlowAt(source, path)) return { from: range[0], to: range[1], text: inFlow(value) };
  const holder = nodeAt(source, path.slice(0, -1));
  if (isSeq(holder)) {
    if (isCollection(node) && node.flow !== true) throw new Unfit();
    return { from: range[0], to: end, text: itemText(source, range[0], value) };
  }
  if (!isMap(holder)) throw new Unfit();
  const key = pairOf(holder, String(path.at(-1)))?.key;
  if (!isNode(key)) throw new Unfit();
  const column = columnOf(source, keyStart(source, key));
  const style = isScalar(node) ? node.type : undefined;
  const written = afterKey(value, listStep(source), style);
  const below = (isCollection(node) && node.flow !== true) || written[0] === "";
  const from = below ? colonAfter(source, key) : range[0];
  if (source.text.slice(from, range[0]).includes("#")) throw new Unfit();
  if (isBlockText(style) && isScalar(node) && (node.comment ?? "") !== "") throw new Unfit();
  return { from, to: Math.max(end, from), text: placed(source, from, column, written) };
}

function placed(source: Source, from: number, column: number, written: readonly string[]): string {
  const [first = "", ...rest] = written;
  const spaced = source.text.charAt(from - 1) === " " || first === "" ? first : ` ${first}`;
  return [spaced, ...rest.map((line) => indented(line, column))].join("\n");
}

function itemText(source: Source, from: number, value: unknown): string {
  if (typeof value === "object" && value !== null) return inFlow(value);
  const written = afterKey(value, 2);
  return placed(source, from, columnOf(source, from) - 2, written);
}

function colonAfter(source: Source, key: Node): number {
  const colon = source.text.indexOf(":", key.range?.[1] ?? 0);
  if (colon < 0) throw new Unfit();
  return colon + 1;
}

/** Whether a place is in a collection in flow style. */
export function inFlowAt(source: Source, path: Path): boolean {
  for (let length = 0; length < path.length; length += 1) {
    const node = nodeAt(source, path.slice(0, length));
    if (isCollection(node) && node.flow === true) return true;
  }
  return false;
}
