/** Adding and removing the pairs of a mapping, and the items of a list, in the text. */

import { isCollection, isMap, isNode, isSeq, type YAMLMap, type YAMLSeq } from "yaml";

import { afterKey, block, blockItem, indented, inFlow } from "./rendering";
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
  valueAt,
} from "./source";
import {
  inFlowAt,
  isSpaced,
  itemRegion,
  keyStart,
  linesAt,
  linesOfRegion,
  listStep,
  opensLine,
  pairRegion,
  replaced,
  shifted,
  type Splice,
  Unfit,
  without,
} from "./splices";

/** A new pair of the mapping at a path; before those keys of it that hold steps. */
export function pairAdded(
  source: Source,
  path: Path,
  key: string,
  value: unknown,
  stepKeys: readonly string[] = [],
): Splice {
  const written = afterKey(value, listStep(source));
  return pairLines(source, path, key, value, written, stepKeys);
}

function pairLines(
  source: Source,
  path: Path,
  key: string,
  value: unknown,
  written: readonly string[],
  stepKeys: readonly string[],
): Splice {
  const map = nodeAt(source, path);
  if (map === undefined && path.length === 0) {
    return linesAt(source, lineCount(source), keyed(key, written));
  }
  if (!isMap(map)) throw new Unfit();
  if (map.flow === true || inFlowAt(source, path)) return flowPair(source, path, map, key, value);
  const first = map.items[0];
  if (first === undefined || !isNode(first.key)) throw new Unfit();
  const column = columnOf(source, keyStart(source, first.key));
  const stop = map.items.findIndex((pair) => stepKeys.includes(keyText(pair)));
  const after = stepKeys.includes(key) || stop < 1 ? map.items.at(-1) : map.items[stop - 1];
  const line = pairRegion(source, map, keyText(after ?? first))[1];
  return linesAt(source, line, shifted(keyed(key, written), column));
}

function keyed(key: string, written: readonly string[]): readonly string[] {
  const [first = "", ...rest] = written;
  const name = inFlow(key);
  return [first === "" ? `${name}:` : `${name}: ${first}`, ...rest];
}

function flowPair(source: Source, path: Path, map: YAMLMap, key: string, value: unknown): Splice {
  const last = map.items.at(-1);
  if (last === undefined) {
    if (path.length === 0) throw new Unfit();
    return replaced(source, path, { [key]: value });
  }
  const node = isNode(last.value) ? last.value : last.key;
  if (!isNode(node)) throw new Unfit();
  const from = contentEnd(source, node);
  return { from, to: from, text: `, ${inFlow(key)}: ${inFlow(value)}` };
}

/** Without the pair at a path. */
export function pairRemoved(source: Source, path: Path): Splice {
  const holder = path.slice(0, -1);
  const map = nodeAt(source, holder);
  if (!isMap(map)) throw new Unfit();
  const key = String(path.at(-1));
  const index = map.items.findIndex((pair) => keyText(pair) === key);
  const pair = map.items[index];
  if (pair === undefined || !isNode(pair.key)) throw new Unfit();
  if (map.items.length === 1) {
    if (holder.length === 0) throw new Unfit();
    return replaced(source, holder, {});
  }
  if (map.flow === true || inFlowAt(source, path))
    return flowPart(source, map.items.map(partOf), index);
  const start = keyStart(source, pair.key);
  if (opensLine(source, start)) return without(source, pairRegion(source, map, key));
  const next = map.items[index + 1];
  if (next === undefined) throw new Unfit();
  const line = pairRegion(source, map, keyText(next))[0];
  const to = lineStart(source, line) + indentation(lineText(source, line));
  return { from: start, to, text: "" };
}

function indentation(text: string): number {
  return text.length - text.trimStart().length;
}

type Part = readonly [first: unknown, last: unknown];

function partOf(pair: { key: unknown; value: unknown }): Part {
  return [pair.key, isNode(pair.value) ? pair.value : pair.key];
}

/** Takes one part out of a flow collection, with the comma. */
function flowPart(source: Source, parts: readonly Part[], index: number): Splice {
  const [first, last] = parts[index] ?? [];
  const next = parts[index + 1]?.[0];
  const before = parts[index - 1]?.[1];
  if (!isNode(first) || !isNode(last)) throw new Unfit();
  let from = first.range?.[0] ?? 0;
  let to = contentEnd(source, last);
  if (isNode(next)) to = next.range?.[0] ?? to;
  else if (isNode(before)) from = contentEnd(source, before);
  if (/[#&*]/.test(source.text.slice(from, to))) throw new Unfit();
  return { from, to, text: "" };
}

/** A new item of the list at a path; the lines have their dash at the left margin. */
export function itemAdded(
  source: Source,
  list: Path,
  index: number,
  item: { readonly value: unknown; readonly lines?: readonly string[] },
  stepKeys: readonly string[] = [],
): Splice {
  const seq = nodeAt(source, list);
  const lines = item.lines ?? blockItem(item.value);
  if (isSeq(seq) && seq.items.length > 0) {
    return seq.flow === true || inFlowAt(source, list)
      ? flowItem(source, seq, index, item.value)
      : blockLines(source, seq, index, lines);
  }
  const below = ["", ...lines.map((line) => indented(line, listStep(source)))];
  const holder = list.slice(0, -1);
  const key = String(list.at(-1));
  if (seq === undefined) return pairLines(source, holder, key, [item.value], below, stepKeys);
  return firstItem(source, holder, key, below);
}

/** In the place of `[]`, or of nothing. */
function firstItem(source: Source, holder: Path, key: string, below: readonly string[]): Splice {
  const map = nodeAt(source, holder);
  const pair = isMap(map) ? pairOf(map, key) : undefined;
  if (!isMap(map) || map.flow === true || !isNode(pair?.key) || !isNode(pair.value))
    throw new Unfit();
  const column = columnOf(source, keyStart(source, pair.key));
  const from = source.text.indexOf(":", pair.key.range?.[1] ?? 0) + 1;
  const value = pair.value.range ?? [from, from, from];
  const end = Math.max(value[1], from);
  if (source.text.slice(from, end).includes("#")) throw new Unfit();
  const line = lineOf(source, end);
  const rest = source.text.slice(end, lineStart(source, line + 1)).trim();
  const text = [
    rest === "" ? "" : ` ${rest}`,
    ...below.slice(1).map((one) => indented(one, column)),
  ];
  return { from, to: lineStart(source, line + 1), text: `${text.join("\n")}\n` };
}

function blockLines(source: Source, seq: YAMLSeq, index: number, lines: readonly string[]): Splice {
  const column = columnOf(source, dashes(seq)[0] ?? 0);
  const count = seq.items.length;
  const put = shifted(lines, column);
  const spaced = isSpaced(source, seq);
  if (index >= count) {
    const line = itemRegion(source, seq, count - 1)[1];
    return linesAt(source, line, spaced ? ["", ...put] : put);
  }
  return linesAt(source, itemRegion(source, seq, index)[0], spaced ? [...put, ""] : put);
}

function flowItem(source: Source, seq: YAMLSeq, index: number, value: unknown): Splice {
  const next = seq.items[index];
  const last = seq.items.at(-1);
  if (isNode(next)) {
    const from = next.range?.[0] ?? 0;
    return { from, to: from, text: `${inFlow(value)}, ` };
  }
  if (!isNode(last)) throw new Unfit();
  const from = contentEnd(source, last);
  return { from, to: from, text: `, ${inFlow(value)}` };
}

/** Without the item at a path; the emptied list stays, as `[]`. */
export function itemRemoved(source: Source, path: Path): Splice {
  const list = path.slice(0, -1);
  const index = Number(path.at(-1));
  const seq = nodeAt(source, list);
  if (!isSeq(seq) || index >= seq.items.length) throw new Unfit();
  if (seq.items.length === 1) return replaced(source, list, []);
  if (seq.flow === true || inFlowAt(source, path)) {
    return flowPart(
      source,
      seq.items.map((one): Part => [one, one]),
      index,
    );
  }
  return without(source, itemRegion(source, seq, index));
}

/** The outermost collection in flow style on the way to a path, written in block style. */
export function unfolded(source: Source, path: Path): Splice | null {
  for (let length = 1; length <= path.length; length += 1) {
    const at = path.slice(0, length);
    const node = nodeAt(source, at);
    if (!isCollection(node) || node.flow !== true || node.items.length === 0) continue;
    const range = node.range ?? [0, 0, 0];
    const written = source.text.slice(range[0], range[1]);
    if (/(^|\s)#/.test(written) || /[[{,:]\s*[&*]/.test(written)) throw new Unfit();
    const value: unknown = node.toJS(source.document);
    if (isSeq(nodeAt(source, at.slice(0, -1)))) {
      const column = columnOf(source, range[0]);
      const [first = "", ...rest] = block(value);
      const text = [first, ...rest.map((line) => indented(line, column))].join("\n");
      return { from: range[0], to: range[1], text };
    }
    return replaced(source, at, value);
  }
  return null;
}

/** The lines of an item as they are written, moved to the left margin. */
export function itemLines(source: Source, path: Path): readonly string[] {
  const seq = nodeAt(source, path.slice(0, -1));
  if (!isSeq(seq) || seq.flow === true) return blockItem(valueAt(source.value, path));
  const index = Number(path.at(-1));
  const dash = dashes(seq)[index];
  if (dash === undefined) throw new Unfit();
  return shifted(linesOfRegion(source, itemRegion(source, seq, index)), -columnOf(source, dash));
}

/** Comments about a list that goes with its last item: they go where that one goes. */
export function strayComments(source: Source, item: Path, gone: Path): readonly string[] {
  const map = nodeAt(source, gone.slice(0, -1));
  const seq = nodeAt(source, gone);
  if (gone.length === item.length || !isMap(map) || !isSeq(seq)) return [];
  const [first] = pairRegion(source, map, String(gone.at(-1)));
  const [end] = itemRegion(source, seq, 0);
  return linesOfRegion(source, [first, end]).flatMap((line) => /(?<=^|\s)#.*$/.exec(line) ?? []);
}

/** The same, unless that place cannot be edited as text. */
export function linesIfFit(source: Source, path: Path): { lines?: readonly string[] } {
  try {
    return { lines: itemLines(source, path) };
  } catch (refused) {
    if (refused instanceof Unfit) return {};
    throw refused;
  }
}
