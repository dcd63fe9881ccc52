/** Steps that stand one after another in a list, and what is done to all of them at once. */

import { EditError, type Edited, moveStep, removeStep } from "./edits";
import type { Grammar } from "./grammar";
import { isWithin, type Path, samePath } from "./source";

/** One step (or branch), or several neighbours, by the path of the first. */
export interface Block {
  readonly path: Path;
  readonly count: number;
}

/** The text after an edit of several, and where these are now. */
export interface EditedBlock extends Edited {
  readonly count: number;
}

/** From one to another, whichever comes first; the first alone where they are no neighbours. */
export function blockOf(one: Path, other: Path | null): Block {
  const list = one.slice(0, -1);
  if (other === null || !samePath(list, other.slice(0, -1))) return { path: one, count: 1 };
  const [from, to] = [Number(one.at(-1)), Number(other.at(-1))];
  if (!Number.isInteger(from) || !Number.isInteger(to)) return { path: one, count: 1 };
  return { path: [...list, Math.min(from, to)], count: Math.abs(from - to) + 1 };
}

export function pathsIn({ path, count }: Block): readonly Path[] {
  const first = Number(path.at(-1));
  return Array.from({ length: count }, (_, more) => [...path.slice(0, -1), first + more]);
}

/** Whether a path is that of one of them, or of something within. */
export function isInBlock(path: Path, block: Block): boolean {
  return pathsIn(block).some((one) => isWithin(path, one));
}

/** Takes all of them away. The path stays that of the first: what comes after them is there now. */
export function removeSteps(text: string, block: Block, grammar: Grammar): Edited {
  let result = text;
  for (let left = block.count; left > 0; left -= 1) {
    result = removeStep(result, block.path, grammar).text;
  }
  return { text: result, path: block.path };
}

/**
 * Moves all of them, in their order, to before what is at `index` of a list now, they themselves
 * counted too if they are there. They cannot be moved into one of themselves.
 */
export function moveSteps(
  text: string,
  block: Block,
  list: Path,
  index: number,
  grammar: Grammar,
): EditedBlock {
  if (isInBlock(list, block)) throw new EditError("A step cannot be moved into itself.");
  const { path, count } = block;
  const first = Number(path.at(-1));
  const within = samePath(list, path.slice(0, -1));
  if (within && index >= first && index <= first + count) return { text, path, count };
  let [from, to, at] = [path, list, index];
  let moved: Edited = { text, path };
  for (let done = 0; done < count; done += 1) {
    moved = moveStep(moved.text, from, to, at, grammar);
    if (within && index > first) continue;
    at = Number(moved.path.at(-1)) + 1;
    to = moved.path.slice(0, -1);
    from = within ? [...path.slice(0, -1), first + done + 1] : pushed(from, list, index);
  }
  const last = Number(moved.path.at(-1));
  return { text: moved.text, path: [...moved.path.slice(0, -1), last - count + 1], count };
}

/** Where a path leads once something was put into a list before `index`. */
function pushed(path: Path, list: Path, index: number): Path {
  const place = path[list.length];
  if (!isWithin(path, list) || typeof place !== "number" || place < index) return path;
  return [...list, place + 1, ...path.slice(list.length + 1)];
}
