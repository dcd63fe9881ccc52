/** Steps as a text that can be copied, and such a text put among the steps of a playbook. */

import type { Block, EditedBlock } from "./blocks";
import { EditError, type Edited, type Fields, freeName, insertItem, setField } from "./edits";
import type { Grammar } from "./grammar";
import { itemLines, linesIfFit } from "./pairs";
import { same } from "./plain";
import { blockItem } from "./rendering";
import { type Path, read, type Source, valueAt } from "./source";
import { Unfit } from "./splices";

interface Item {
  readonly value: Fields;
  readonly lines?: readonly string[];
}

/** Keys of which a step has at least one. */
const CALLS = ["type", "command", "shell", "script"];

/** The steps as a list in YAML at the left margin, as they are written, comments too. */
export function copiedText(text: string, block: Block): string {
  const source = read(text);
  const first = Number(block.path.at(-1));
  const list = block.path.slice(0, -1);
  const paths = Array.from({ length: block.count }, (_, more) => [...list, first + more]);
  const values = paths.map((path) => valueAt(source.value, path));
  if (values.includes(undefined)) throw new EditError("There is no such step.");
  const written = paths.flatMap((path, index) => {
    return linesIfFit(source, path).lines ?? blockItem(values[index]);
  });
  const whole = asText(written);
  // What is tied to another place by an anchor says nothing without it: then its value is copied.
  if (same(read(whole).value, values)) return whole;
  return asText(values.flatMap((value) => blockItem(value)));
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * Puts copied steps into a list, before the one at `index`, named so that all names there differ.
 * Of branches that are put among steps these are the steps within; steps that are put among
 * branches are the steps of a new one.
 */
export function pasteSteps(
  text: string,
  list: Path,
  index: number,
  copied: string,
  grammar: Grammar,
): EditedBlock {
  const items = itemsFor(list, copied);
  const there = valueAt(read(text).value, list);
  const siblings = Array.isArray(there) ? (there as readonly (Fields | null)[]) : [];
  const taken = new Set(siblings.map((one) => one?.name));
  const at = Math.max(0, Math.min(index, siblings.length));
  let result: Edited = { text, path: list };
  for (const [more, item] of items.entries()) {
    result = insertItem(result.text, list, at + more, item, grammar);
    const { name } = item.value;
    if (typeof name !== "string") continue;
    const free = taken.has(name) ? freeName(name, taken) : name;
    taken.add(free);
    const where = [...result.path, "name"];
    if (free !== name) result = { ...result, text: setField(result.text, where, free, grammar) };
  }
  return { text: result.text, path: [...list, at], count: items.length };
}

/** Steps once more, after themselves. */
export function duplicateSteps(text: string, block: Block, grammar: Grammar): EditedBlock {
  const index = Number(block.path.at(-1)) + block.count;
  return pasteSteps(text, block.path.slice(0, -1), index, copiedText(text, block), grammar);
}

/** What of a copied text goes into such a list. */
function itemsFor(list: Path, copied: string): readonly Item[] {
  const source = read(copied);
  const nothing = new EditError(
    "What was copied is no step: a step says what it calls, or its `type`.",
  );
  if (source.problem !== null) throw nothing;
  const found = partsOf(source);
  const steps = found.every((path) => isStep(valueAt(source.value, path)));
  const branches = !steps && found.every((path) => isBranch(valueAt(source.value, path)));
  if (found.length === 0 || !(steps || branches)) throw nothing;
  const among = list.at(-1) === "branches";
  if (among && steps) {
    const inner = found.map((path) => itemAt(source, path).value);
    return [{ value: { steps: inner } }];
  }
  if (among || steps) return found.map((path) => itemAt(source, path));
  return found.flatMap((path) => {
    const inner = valueAt(source.value, [...path, "steps"]) as readonly unknown[];
    return inner.map((_, at) => itemAt(source, [...path, "steps", at]));
  });
}

/** The places of what was copied: a list, one step by itself, or the steps of a playbook. */
function partsOf({ value }: Source): readonly Path[] {
  if (Array.isArray(value)) return value.map((_, index) => [index]);
  if (isStep(value)) return [[]];
  if (!isBranch(value)) return [];
  return value.steps.map((_, index) => ["steps", index]);
}

function itemAt(source: Source, path: Path): Item {
  const value = valueAt(source.value, path) as Fields;
  if (path.length === 0) return { value };
  try {
    return { value, lines: itemLines(source, path) };
  } catch (refused) {
    if (refused instanceof Unfit) return { value };
    throw refused;
  }
}

function isStep(value: unknown): boolean {
  return isRecord(value) && CALLS.some((key) => key in value);
}

function isBranch(value: unknown): value is { readonly steps: readonly unknown[] } {
  return isRecord(value) && Array.isArray(value.steps) && value.steps.length > 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
