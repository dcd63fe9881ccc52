import { type Block } from "../../builder/blocks";
import { EditError } from "../../builder/edits";
import {
  idOf,
  type Outline,
  stepAt,
  type StepList,
  type StepNode,
  walk,
} from "../../builder/outline";
import { type Path } from "../../builder/source";
import { inWords } from "./words";

/** A place in a list of steps, counted before anything is moved. */
export interface Place {
  readonly list: Path;
  readonly index: number;
}

export function isBranch(path: Path): boolean {
  return path.at(-2) === "branches";
}

/** Whether a path is that of a list of steps (or branches), and not that of a step. */
export function isList(path: Path): boolean {
  return typeof path.at(-1) === "string";
}

/** A list that is there. */
export function listAt(outline: Outline, path: Path): StepList | null {
  const id = idOf(path);
  const holders = path.length === 1 ? outline.lists : stepAt(outline, path.slice(0, -1))?.lists;
  return holders?.find((one) => idOf(one.path) === id) ?? null;
}

/** Where something new goes if that is chosen: into a list at its end, or after a step. */
export function placeAfter(outline: Outline, chosen: Path): Place {
  if (chosen.length === 0) return endOf(outline, ["steps"]);
  if (!isList(chosen)) {
    if (isBranch(chosen)) return endOf(outline, [...chosen, "steps"]);
    return { list: chosen.slice(0, -1), index: Number(chosen.at(-1)) + 1 };
  }
  const list = listAt(outline, chosen);
  const branch = list?.of === "branch" ? list.steps.at(-1) : undefined;
  return branch === undefined ? endOf(outline, chosen) : endOf(outline, [...branch.path, "steps"]);
}

function endOf(outline: Outline, list: Path): Place {
  return { list, index: listAt(outline, list)?.steps.length ?? 0 };
}

/** One place up or down in their own list. Throws EditError at the ends. */
export function besides(outline: Outline, { path, count }: Block, by: -1 | 1): Place {
  const list = path.slice(0, -1);
  const index = Number(path.at(-1));
  const steps = listAt(outline, list)?.steps ?? [];
  const which = count === 1 ? `${titleAt(outline, path)} is` : "These are";
  if (by < 0 && index === 0) throw new EditError(`${which} the first here already.`);
  if (by > 0 && index + count >= steps.length)
    throw new EditError(`${which} the last here already.`);
  return { list, index: by < 0 ? index - 1 : index + count + 1 };
}

/** Behind the step that they are in. Throws EditError at the outermost. */
export function outside(outline: Outline, { path, count }: Block): Place {
  if (isBranch(path)) throw new EditError("A branch stays in its parallel step.");
  let owner = path.slice(0, -2);
  if (isBranch(owner)) owner = owner.slice(0, -2);
  const which = count === 1 ? `${titleAt(outline, path)} is` : "These are";
  if (owner.length === 0) throw new EditError(`${which} at the outermost level already.`);
  return { list: owner.slice(0, -1), index: Number(owner.at(-1)) + 1 };
}

/** Into the step before them, at the end, or else into the one after them, at the beginning. */
export function inside(outline: Outline, { path, count }: Block): Place {
  const siblings = listAt(outline, path.slice(0, -1))?.steps ?? [];
  const index = Number(path.at(-1));
  const before = holdOf(siblings[index - 1], "last");
  if (before !== null) return { list: before.path, index: before.steps.length };
  const after = holdOf(siblings[index + count], "first");
  if (after !== null) return { list: after.path, index: 0 };
  throw new EditError("Neither the step before nor the one after holds steps.");
}

function titleAt(outline: Outline, path: Path): string {
  return stepAt(outline, path)?.title ?? "";
}

/** The list of a step into which others go. */
function holdOf(step: StepNode | undefined, which: "first" | "last"): StepList | null {
  const list = step?.lists.find((one) => !one.handler);
  if (list === undefined || step?.shared === true) return null;
  if (list.of === "step") return list;
  const branch = which === "first" ? list.steps[0] : list.steps.at(-1);
  return branch?.lists.find((one) => one.of === "step") ?? null;
}

/** Where a step stands, or several do, to be heard: `2 of 5 in then of checks`. */
export function spokenPlace(outline: Outline, { path, count }: Block): string {
  const list = listAt(outline, path.slice(0, -1));
  if (list === null) return "";
  const owner = stepAt(outline, list.path.slice(0, -1));
  const of = owner === null ? "" : ` of ${owner.title}`;
  const first = Number(path.at(-1)) + 1;
  const place = count === 1 ? String(first) : `${first} to ${first + count - 1}`;
  return `${place} of ${list.steps.length} in ${inWords(list.key)}${of}`;
}

/** The step at a path as workflows name it, such as `checks/then/audit`; null if there is none. */
export function stepNamed(outline: Outline, path: string): StepNode | null {
  const plain = path.replaceAll(/\[[^\]]*\]/g, "");
  for (const step of walk(outline.lists)) if (nameOf(outline, step.path) === plain) return step;
  return null;
}

/** Lists that do not show in the path of a step. */
const UNNAMED = new Set(["steps", "branches"]);

function nameOf(outline: Outline, path: Path): string {
  const parts = path.map((key, depth) => {
    if (typeof key === "string") return UNNAMED.has(key) ? "" : key;
    return stepAt(outline, path.slice(0, depth + 1))?.name ?? String(key + 1);
  });
  return parts.filter((part) => part !== "").join("/");
}
