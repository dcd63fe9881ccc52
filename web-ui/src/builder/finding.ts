/** Finding steps of a large playbook by what stands on their cards. */

import { idOf, type Outline, type StepNode, walk } from "./outline";
import type { Path } from "./source";

/** The steps on which all words of a search occur, in the order of the text. */
export function matching(found: Outline, query: string): readonly StepNode[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return [...walk(found.lists)].filter((step) => {
    const text = [step.title, step.summary, step.label ?? step.kind].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The one after (or before) what is chosen, from the other end again after the last. */
export function nextOf(
  found: Outline,
  some: readonly StepNode[],
  chosen: Path,
  by: 1 | -1,
): StepNode | null {
  const places = new Map([...walk(found.lists)].map((step, index) => [step.id, index]));
  const placeOf = (id: string) => places.get(id) ?? -1;
  const here = placeOf(idOf(chosen));
  if (by > 0) return some.find((one) => placeOf(one.id) > here) ?? some[0] ?? null;
  return some.findLast((one) => placeOf(one.id) < here) ?? some.at(-1) ?? null;
}
