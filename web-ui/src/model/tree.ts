import type { Page, Step } from "../api/types";

/** The entries below one of the tree, as far as they were read. */
export interface Branch {
  readonly paths: readonly string[];
  /** Where the rest begins; null if there is none. */
  readonly next: string | null;
}

/** What is known of a workflow's step tree. "" is the workflow itself. */
export interface Tree {
  readonly steps: ReadonlyMap<string, Step>;
  readonly branches: ReadonlyMap<string, Branch>;
  readonly expanded: ReadonlySet<string>;
}

/** A line of the tree: an entry, or the place of what was not read yet. */
export type Row =
  | { readonly kind: "step"; readonly step: Step; readonly depth: number }
  | {
      readonly kind: "more";
      readonly parent: string;
      readonly cursor: string;
      readonly depth: number;
    };

export const EMPTY: Tree = {
  steps: new Map(),
  branches: new Map(),
  expanded: new Set([""]),
};

/** What stands for the steps in an entry that is none itself: the first of these that occurs. */
const WEIGHT = [
  "parked",
  "unknown",
  "running",
  "waiting",
  "failed",
  "timed_out",
  "cancelled",
  "succeeded",
  "skipped",
];

/** How an entry stands: a step by its own state, a branch or an iteration by the steps in it. */
export function stateOf(step: Step): string | null {
  if (step.state !== null) return step.state;
  return WEIGHT.find((state) => (step.counts[state] ?? 0) > 0) ?? null;
}

/** What is expanded by itself has to be short enough to be seen whole. */
const SHORT = 40;
const QUIET = new Set(["succeeded", "skipped"]);

/** The path of what contains an entry, as the engine makes paths. */
export function parentOf(path: string): string {
  if (path.endsWith("]")) return path.slice(0, path.lastIndexOf("["));
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** What a path is in, from the outside in, itself left out. */
export function above(path: string): readonly string[] {
  const found: string[] = [];
  for (let one = parentOf(path); one !== ""; one = parentOf(one)) found.unshift(one);
  return found;
}

/**
 * The tree with a page of what is below `parent`. What an operator came for is expanded the first
 * time that it is seen: whatever is neither well nor untouched.
 */
export function withPage(tree: Tree, parent: string, page: Page<Step>): Tree {
  const steps = new Map(tree.steps);
  const before = tree.branches.get(parent)?.paths ?? [];
  const known = new Set(before);
  const paths = [...before];
  const expanded = new Set(tree.expanded);
  for (const step of page.items) {
    if (!known.has(step.path)) paths.push(step.path);
    if (!tree.steps.has(step.path) && isWorthALook(step)) expanded.add(step.path);
    const before = tree.steps.get(step.path);
    if (before === undefined || !isFurther(before, step)) steps.set(step.path, step);
  }
  const branches = new Map(tree.branches);
  branches.set(parent, { paths, next: page.next });
  return { steps, branches, expanded };
}

/** Whether what is known of a step is newer than what a page says, which was read before it. */
function isFurther(known: Step, said: Step): boolean {
  if (known.attempts !== said.attempts) return known.attempts > said.attempts;
  const [left, right] = [standing(known), standing(said)];
  return left === right ? ended(known) > ended(said) : left > right;
}

function standing(step: Step): number {
  if (step.state === null) return ended(step) > 0 ? 1 : 0;
  return step.finished_at === null ? 1 : 2;
}

function ended(step: Step): number {
  return (step.counts.succeeded ?? 0) + (step.counts.failed ?? 0);
}

function isWorthALook(step: Step): boolean {
  const state = stateOf(step);
  return step.children > 0 && step.children <= SHORT && state !== null && !QUIET.has(state);
}

/** The tree with entries that are different now. Of what was not read yet nothing is kept. */
export function withChanges(tree: Tree, changes: readonly Step[]): Tree {
  const steps = new Map(tree.steps);
  const added = new Map<string, string[]>();
  const expanded = new Set(tree.expanded);
  for (const step of changes) {
    if (!steps.has(step.path)) {
      const parent = parentOf(step.path);
      const branch = tree.branches.get(parent);
      if (branch?.next !== null) continue;
      added.set(parent, [...(added.get(parent) ?? []), step.path]);
      if (isWorthALook(step)) expanded.add(step.path);
    }
    steps.set(step.path, step);
  }
  const branches = new Map(tree.branches);
  for (const [parent, paths] of added) {
    branches.set(parent, { paths: [...(branches.get(parent)?.paths ?? []), ...paths], next: null });
  }
  return { steps, branches, expanded };
}

export function toggled(tree: Tree, path: string): Tree {
  const expanded = new Set(tree.expanded);
  if (!expanded.delete(path)) expanded.add(path);
  return { ...tree, expanded };
}

/** The tree with everything expanded that an entry is in. */
export function shown(tree: Tree, path: string): Tree {
  const hidden = above(path).filter((one) => !tree.expanded.has(one));
  return hidden.length === 0 ? tree : { ...tree, expanded: new Set([...tree.expanded, ...hidden]) };
}

/** What is expanded and was not read yet. */
export function missing(tree: Tree): readonly string[] {
  return [...tree.expanded].filter(
    (path) => !tree.branches.has(path) && (path === "" || tree.steps.has(path)),
  );
}

/** The lines of the tree from top to bottom, collapsed ones left out. */
export function rowsOf(tree: Tree): readonly Row[] {
  const rows: Row[] = [];
  const visit = (parent: string, depth: number) => {
    const branch = tree.branches.get(parent);
    if (branch === undefined) return;
    for (const path of branch.paths) {
      const step = tree.steps.get(path);
      if (step === undefined) continue;
      rows.push({ kind: "step", step, depth });
      if (tree.expanded.has(path)) visit(path, depth + 1);
    }
    if (branch.next !== null) rows.push({ kind: "more", parent, cursor: branch.next, depth });
  };
  visit("", 0);
  return rows;
}

/** Which lines are in sight, some more on either side: first and end (exclusive). */
export function inSight(
  scrolled: number,
  height: number,
  row: number,
  count: number,
): readonly [number, number] {
  const around = 12;
  const first = Math.max(0, Math.floor(scrolled / row) - around);
  const end = Math.min(count, Math.ceil((scrolled + height) / row) + around);
  return [Math.min(first, end), end];
}
