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

/** One place up or down in its own list. Throws EditError at the ends. */
export function besides(outline: Outline, step: StepNode, by: -1 | 1): Place {
  const list = step.path.slice(0, -1);
  const index = Number(step.path.at(-1));
  const count = listAt(outline, list)?.steps.length ?? 0;
  if (by < 0 && index === 0) throw new EditError(`${step.title} is the first here already.`);
  if (by > 0 && index >= count - 1) throw new EditError(`${step.title} is the last here already.`);
  return { list, index: by < 0 ? index - 1 : index + 2 };
}

/** Behind the step that it is in. Throws EditError at the outermost. */
export function outside(step: StepNode): Place {
  if (isBranch(step.path)) throw new EditError("A branch stays in its parallel step.");
  let owner = step.path.slice(0, -2);
  if (isBranch(owner)) owner = owner.slice(0, -2);
  if (owner.length === 0) throw new EditError(`${step.title} is at the outermost level already.`);
  return { list: owner.slice(0, -1), index: Number(owner.at(-1)) + 1 };
}

/** Into the step before it, at the end, or else into the one after it, at the beginning. */
export function inside(outline: Outline, step: StepNode): Place {
  const siblings = listAt(outline, step.path.slice(0, -1))?.steps ?? [];
  const index = Number(step.path.at(-1));
  const before = holdOf(siblings[index - 1], "last");
  if (before !== null) return { list: before.path, index: before.steps.length };
  const after = holdOf(siblings[index + 1], "first");
  if (after !== null) return { list: after.path, index: 0 };
  throw new EditError("Neither the step before nor the one after holds steps.");
}

/** The list of a step into which others go. */
function holdOf(step: StepNode | undefined, which: "first" | "last"): StepList | null {
  const list = step?.lists.find((one) => !one.handler);
  if (list === undefined || step?.shared === true) return null;
  if (list.of === "step") return list;
  const branch = which === "first" ? list.steps[0] : list.steps.at(-1);
  return branch?.lists.find((one) => one.of === "step") ?? null;
}

/** Where something stands, to be heard: `2 of 5 in then of checks`. */
export function spokenPlace(outline: Outline, path: Path): string {
  const list = listAt(outline, path.slice(0, -1));
  if (list === null) return "";
  const owner = stepAt(outline, list.path.slice(0, -1));
  const of = owner === null ? "" : ` of ${owner.title}`;
  return `${Number(path.at(-1)) + 1} of ${list.steps.length} in ${inWords(list.key)}${of}`;
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
