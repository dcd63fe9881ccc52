/** The steps of a playbook as a tree, each with its place in the document and in the text. */

import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type YAMLMap } from "yaml";

import { type Grammar, grammarAt, type KindGrammar, type ListGrammar } from "./grammar";
import {
  contentEnd,
  keyText,
  lineOf,
  type Path,
  pairOf,
  type Problem,
  read,
  samePath,
  type Source,
} from "./source";

/** First and last line, beginning with 1. */
export type Lines = readonly [number, number];

/** One step, or one branch of a parallel step. */
export interface StepNode {
  /** Its path as text: a key for lists, and for looking it up. */
  readonly id: string;
  readonly path: Path;
  /** Its place by names, as far as there are some: it stays when neighbours are moved. */
  readonly key: string;
  /** `command`, `parallel`, …; `branch` for a branch. */
  readonly kind: string;
  /** The `type` of a step that calls a command, where it is a label. */
  readonly label: string | null;
  readonly name: string | null;
  /** What to show: its name, or else what it does. */
  readonly title: string;
  /** In one line, what it calls, asks, or waits for. */
  readonly summary: string;
  readonly lines: Lines;
  readonly lists: readonly StepList[];
  /** Handlers, and what undoes it, as far as it has none. */
  readonly absent: readonly ListGrammar[];
  /** It is written elsewhere, under an anchor: it can be moved and removed, not edited here. */
  readonly shared: boolean;
  /** It is no mapping: only the text can mend it. */
  readonly malformed: boolean;
}

/** A list of steps: of the playbook, of a step, or of a branch. */
export interface StepList extends ListGrammar {
  readonly path: Path;
  readonly steps: readonly StepNode[];
  /** None where the list is not written down yet. */
  readonly lines: Lines | null;
}

export interface Outline {
  /** What the tree is of; with a problem that of the last text that could be read. */
  readonly text: string;
  readonly problem: Problem | null;
  /** The keys of the playbook that hold no steps. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly lists: readonly StepList[];
  readonly absent: readonly ListGrammar[];
}

const SUMMARY = 120;

/**
 * The outline of a text. Of one that cannot be read it is the previous outline, with the problem.
 */
export function outline(text: string, grammar: Grammar, previous?: Outline): Outline {
  const source = read(text);
  const contents = source.document.contents;
  if (source.problem !== null) return unread(source.problem, previous);
  if (contents !== null && !isMap(contents) && source.value !== null) {
    const problem = { message: "A playbook is a mapping: `name`, `steps`, …", line: 1, column: 1 };
    return unread(problem, previous);
  }
  const map = isMap(contents) ? contents : null;
  const { lists, absent } = listsOf(source, grammar, grammar.playbook, [], "", map, false);
  const fields: Record<string, unknown> = {};
  const held = new Set(grammar.playbook.lists.map((one) => one.key));
  for (const [key, value] of Object.entries(record(source.value))) {
    if (!held.has(key)) fields[key] = value;
  }
  return { text, problem: null, fields, lists, absent };
}

function unread(problem: Problem, previous: Outline | undefined): Outline {
  const nothing = { text: "", fields: {}, lists: [], absent: [] };
  return { ...(previous ?? nothing), problem };
}

function listsOf(
  source: Source,
  grammar: Grammar,
  kind: KindGrammar,
  path: Path,
  around: string,
  map: YAMLMap | null,
  shared: boolean,
): { lists: readonly StepList[]; absent: readonly ListGrammar[] } {
  const lists: StepList[] = [];
  const absent: ListGrammar[] = [];
  for (const one of kind.lists) {
    const pair = map === null ? undefined : pairOf(map, one.key);
    if (pair === undefined && one.handler) {
      absent.push(one);
      continue;
    }
    const at = [...path, one.key];
    const written = isNode(pair?.value) ? pair.value : null;
    const node = written === null ? null : target(source, written);
    const outside = shared || isAlias(written);
    const inner = `${around}/${one.key}`;
    const steps = isSeq(node)
      ? node.items.map((item, place) =>
          stepNode(source, grammar, [...at, place], inner, item, outside),
        )
      : [];
    lists.push({
      ...one,
      path: at,
      steps,
      lines: written === null ? null : linesOf(source, written),
    });
  }
  return { lists, absent };
}

function stepNode(
  source: Source,
  grammar: Grammar,
  path: Path,
  around: string,
  item: unknown,
  within: boolean,
): StepNode {
  const written = isNode(item) ? item : null;
  const node = written === null ? null : target(source, written);
  const shared = within || isAlias(written);
  const map = isMap(node) ? node : null;
  const value = map === null ? {} : plain(source, map, grammar);
  const kind = grammarAt(grammar, path, value);
  const name = textOf(value.name);
  const summary = summaryOf(kind, value);
  const key = `${around}/${name ?? positionOf(path)}`;
  return {
    id: idOf(path),
    path,
    key,
    kind: kind.kind,
    label: kind.kind === "command" ? textOf(value.type) : null,
    name,
    title: name ?? (summary === "" ? untitled(map === null ? "step" : kind.kind, path) : summary),
    summary,
    lines: written === null ? [1, 1] : linesOf(source, written),
    ...listsOf(source, grammar, kind, path, key, map, shared),
    shared,
    malformed: map === null,
  };
}

/** Its keys and scalars; what lies deeper is not looked at. */
function plain(source: Source, map: YAMLMap, grammar: Grammar): Record<string, unknown> {
  const held = heldBy(grammar);
  const found: Record<string, unknown> = {};
  for (const pair of map.items) {
    const key = keyText(pair);
    if (held.has(key) || !isNode(pair.value)) continue;
    found[key] = isScalar(pair.value) ? pair.value.value : pair.value.toJS(source.document);
  }
  return found;
}

const heldKeys = new WeakMap<Grammar, ReadonlySet<string>>();

/** The keys that hold steps. */
function heldBy(grammar: Grammar): ReadonlySet<string> {
  const known = heldKeys.get(grammar);
  if (known !== undefined) return known;
  const found = new Set(grammar.kinds.flatMap((kind) => kind.lists.map((one) => one.key)));
  heldKeys.set(grammar, found);
  return found;
}

function target(source: Source, node: Node): Node | null {
  return isAlias(node) ? (node.resolve(source.document) ?? null) : node;
}

function linesOf(source: Source, node: Node): Lines {
  const start = node.range?.[0] ?? 0;
  const end = Math.max(contentEnd(source, node) - 1, start);
  return [lineOf(source, start) + 1, lineOf(source, end) + 1];
}

function summaryOf(kind: KindGrammar, value: Record<string, unknown>): string {
  const telling = kind.own.filter((key) => !kind.lists.some((one) => one.key === key));
  for (const key of telling) {
    const said = value[key];
    if (said === undefined || said === null) continue;
    const text = typeof said === "string" ? said : JSON.stringify(said);
    const first = text.trim().split("\n", 1)[0] ?? "";
    return first.length > SUMMARY ? `${first.slice(0, SUMMARY - 1)}…` : first;
  }
  return "";
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** What has no name and calls nothing, as `parallel 2`. */
function untitled(kind: string, path: Path): string {
  return `${kind} ${positionOf(path)}`;
}

function positionOf(path: Path): string {
  return String(Number(path.at(-1)) + 1);
}

/** A path as text. */
export function idOf(path: Path): string {
  return path.map(String).join("/");
}

/** Every step and branch, in the order of the text, outer ones before what is in them. */
export function* walk(lists: readonly StepList[]): Generator<StepNode> {
  for (const list of lists) {
    for (const step of list.steps) {
      yield step;
      yield* walk(step.lists);
    }
  }
}

/** The key of what is at a path: of a step, or of a list; "" is the playbook's. */
export function keyAt(found: Outline, path: Path): string {
  const step = stepAt(found, path);
  if (step !== null || path.length === 0) return step?.key ?? "";
  return `${stepAt(found, path.slice(0, -1))?.key ?? ""}/${String(path.at(-1))}`;
}

/** The step at a path. */
export function stepAt(found: Outline, path: Path): StepNode | null {
  for (const step of walk(found.lists)) if (samePath(step.path, path)) return step;
  return null;
}

/** The innermost step on a line, which begins with 1. */
export function stepAtLine(found: Outline, line: number): StepNode | null {
  let innermost: StepNode | null = null;
  for (const step of walk(found.lists)) {
    if (step.shared) continue;
    if (step.lines[0] <= line && line <= step.lines[1]) innermost = step;
  }
  return innermost;
}

/** The innermost step that a path leads into: that of a diagnostic, or of a field. */
export function stepAround(found: Outline, path: Path): StepNode | null {
  for (let length = path.length; length > 0; length -= 1) {
    const step = stepAt(found, path.slice(0, length));
    if (step !== null) return step;
  }
  return null;
}
