/** Edits that change what a step stands in, or is called: wrapping, taking apart, renaming. */

import { isScalar, isSeq } from "yaml";

import { type Block, pathsIn } from "./blocks";
import { EditError, type Edited, type Fields, opened, setField, settled } from "./edits";
import { type Grammar, kindOf } from "./grammar";
import { declarations, mentions } from "./names";
import { itemLines } from "./pairs";
import { copied } from "./plain";
import { blockItem, indented } from "./rendering";
import { isShared, nodeAt, type Path, read, type Source, valueAt } from "./source";
import { isSpaced, itemsExchanged, replaced, spliced } from "./splices";

/** Kinds that a step can be wrapped into, and what each needs to be valid from the start. */
const SHELLS: Readonly<Record<string, Fields>> = {
  parallel: { type: "parallel" },
  conditional: { type: "conditional", condition: "true" },
  foreach: { type: "foreach", items: [1], as: "item" },
  transaction: { type: "transaction" },
};

/** The kinds that hold steps of their own, as the schema has them. */
export function wrappers(grammar: Grammar): readonly string[] {
  return grammar.kinds
    .filter((kind) => kind.lists.some((one) => one.required) && kind.kind in SHELLS)
    .map((kind) => kind.kind);
}

/**
 * Puts steps into a new one of another kind, in their place: into a parallel one each in a branch
 * of its own. The path is that of the new one.
 */
export function wrapSteps(text: string, block: Block, kind: string, grammar: Grammar): Edited {
  const shell = SHELLS[kind];
  const list = kindOf(grammar, kind).lists.find((one) => one.required);
  if (shell === undefined || list === undefined) throw new EditError(`Nothing goes into ${kind}.`);
  const holder = block.path.slice(0, -1);
  const ready = opened(text, holder);
  const source = read(ready);
  const paths = pathsIn(block);
  if (paths.some((path) => isShared(source, path)))
    throw new EditError("This step is written elsewhere, under an anchor.");
  const values = paths.map((path) => valueAt(source.value, path) as Fields | undefined);
  if (values.includes(undefined) || holder.at(-1) === "branches") {
    throw new EditError("Only a step can be wrapped.");
  }
  const branched = list.of === "branch";
  const inner = branched ? values.map((value) => ({ steps: [value] })) : values;
  const wrapped = { ...shell, [list.key]: inner };
  const seq = nodeAt(source, holder);
  const gap = !branched && isSeq(seq) && seq.flow !== true && isSpaced(source, seq) ? [""] : [];
  const written = paths.flatMap((path, index) => {
    const by = branched ? 8 : 4;
    const within = itemLines(source, path).map((line) => indented(line, by));
    return branched ? ["    - steps:", ...within] : [...(index > 0 ? gap : []), ...within];
  });
  const lines = [...blockItem(shell), `  ${list.key}:`, ...written];
  return exchanged(ready, block, [{ value: wrapped, lines }]);
}

/** Puts the steps inside of a step in its place; what else it said is gone. */
export function unwrapStep(text: string, path: Path, grammar: Grammar): Edited {
  const ready = opened(text, path.slice(0, -1));
  const source = read(ready);
  const value = valueAt(source.value, path) as Fields | undefined;
  if (value === undefined) throw new EditError("There is no such step.");
  const kind = kindOf(grammar, value.type);
  const handlers = kind.lists.filter((one) => one.handler && one.key in value);
  if (handlers[0] !== undefined) {
    throw new EditError(`Its ${handlers[0].key} would be lost: move or remove these steps first.`);
  }
  const lists = kind.lists.filter((one) => !one.handler).map((one) => [...path, one.key]);
  const inner = lists.flatMap((list) => innerSteps(valueAt(source.value, list), list));
  if (inner.length === 0) throw new EditError("There are no steps in it.");
  const items = inner.map((at) => ({
    value: valueAt(source.value, at),
    lines: itemLines(source, at),
  }));
  return exchanged(ready, { path, count: 1 }, items);
}

function innerSteps(value: unknown, list: Path): readonly Path[] {
  if (!Array.isArray(value)) return [];
  if (list.at(-1) !== "branches") return value.map((_, index) => [...list, index]);
  return (value as readonly Fields[]).flatMap((branch, index) =>
    innerSteps(branch.steps, [...list, index, "steps"]),
  );
}

interface Item {
  readonly value: unknown;
  readonly lines: readonly string[];
}

/** Other items in the place of some. */
function exchanged(text: string, { path, count }: Block, items: readonly Item[]): Edited {
  const list = path.slice(0, -1);
  const index = Number(path.at(-1));
  const values = items.map((one) => one.value);
  const lines = items.flatMap((one) => one.lines);
  const result = settled(text, {
    plain: (root) => {
      (valueAt(root, list) as unknown[]).splice(index, count, ...values.map(copied));
    },
    quick: (source) => [itemsExchanged(source, nodeAt(source, list), index, count, lines)],
    slow: (document) => {
      const seq = document.getIn(list);
      if (!isSeq(seq)) return;
      seq.items.splice(index, count, ...values.map((one) => document.createNode(one)));
    },
  });
  return { text: result, path };
}

/** What came of renaming a step. */
export interface Renamed {
  readonly text: string;
  /** How many places in expressions and `needs` say the new name now. */
  readonly changed: number;
  /** How many still say the old one, as something else is called so too or it cannot be said. */
  readonly left: number;
}

/** Another name for a step or branch, and for where expressions and `needs` speak of it. */
export function renameStep(text: string, path: Path, name: string, grammar: Grammar): Renamed {
  const source = read(text);
  const old = valueAt(source.value, [...path, "name"]);
  const node = nodeAt(source, [...path, "name"]);
  if (typeof old !== "string" || !isScalar(node) || isShared(source, path)) {
    return { text: setField(text, [...path, "name"], name, grammar), changed: 0, left: 0 };
  }
  const places = mentions(source, old, namesAround(source.value, path));
  const clear = declarations(source, old) === 1 && /^[A-Za-z_][\w-]*$/.test(name);
  const spoken = (clear ? places : []).map(([from, to]) => {
    const dashed = text.slice(from, to) === old;
    return { from, to, text: dashed ? name : name.replaceAll("-", "_") };
  });
  const needed = needing(source, path, old).map((at) => replaced(source, at, name));
  const splices = [replaced(source, [...path, "name"], name), ...needed, ...spoken];
  const result = spliced(text, splices);
  if (valueAt(read(result).value, [...path, "name"]) !== name) {
    return {
      text: setField(text, [...path, "name"], name, grammar),
      changed: 0,
      left: places.length,
    };
  }
  const left = clear ? 0 : places.length;
  return { text: result, changed: needed.length + spoken.length, left };
}

/** Names of what the step stands in. */
function namesAround(value: unknown, path: Path): ReadonlySet<string> {
  const found = new Set<string>();
  for (let length = 2; length < path.length; length += 2) {
    const name = valueAt(value, [...path.slice(0, length), "name"]);
    if (typeof name !== "string") continue;
    found.add(name);
    found.add(name.replaceAll("-", "_"));
  }
  return found;
}

/** Where siblings wait for it. */
function needing(source: Source, path: Path, name: string): readonly Path[] {
  const list = path.slice(0, -1);
  const siblings = valueAt(source.value, list);
  if (!Array.isArray(siblings)) return [];
  return (siblings as readonly (Fields | null)[]).flatMap((one, index) => {
    const at = [...list, index, "needs"];
    const needs = one?.needs;
    if (isShared(source, at)) return [];
    if (needs === name) return [at];
    if (!Array.isArray(needs)) return [];
    return needs.flatMap((need, place) => (need === name ? [[...at, place]] : []));
  });
}
