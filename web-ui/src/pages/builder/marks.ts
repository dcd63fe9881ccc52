import { nextOf } from "../../builder/finding";
import {
  type Outline,
  stepAround,
  stepAt,
  stepAtLine,
  type StepNode,
  walk,
} from "../../builder/outline";
import type { Path, Problem } from "../../builder/source";
import type { Placed } from "./answers";
import type { Bench } from "./bench";
import type { Mark } from "./editing";
import { isList, listAt } from "./places";
import type { Marked } from "./StepCard";

/** The step that a finding is about; null: the playbook itself. */
export function ownerOf(found: Outline, finding: Placed): StepNode | null {
  const path = finding.path ?? null;
  if (path === null) return stepAtLine(found, finding.line);
  if (isList(path) && listAt(found, path) !== null) return stepAt(found, path.slice(0, -1));
  return stepAround(found, path);
}

/** Where the next error or warning is, after (or before) what is chosen; null if there is none. */
export function nextFinding(bench: Bench, findings: readonly Placed[], by: 1 | -1): Path | null {
  const { outline, history } = bench;
  const marked = markedSteps(outline, findings);
  if (marked.size === 0) return null;
  const steps = [...walk(outline.lists)].filter((step) => marked.has(step.id));
  return nextOf(outline, steps, history.present.selection, by)?.path ?? [];
}

/** How many errors and warnings there are at each step. */
export function markedSteps(
  found: Outline,
  findings: readonly Placed[],
): ReadonlyMap<string, Marked> {
  const marked = new Map<string, Marked>();
  for (const finding of findings) {
    if (finding.severity === "note") continue;
    const id = ownerOf(found, finding)?.id ?? "";
    const { errors, warnings } = marked.get(id) ?? { errors: 0, warnings: 0 };
    const wrong = finding.severity === "error" ? 1 : 0;
    marked.set(id, { errors: errors + wrong, warnings: warnings + 1 - wrong });
  }
  return marked;
}

/** The findings as the text shows them; that it cannot be read is known before the server says so. */
export function markedLines(problem: Problem | null, findings: readonly Placed[]): readonly Mark[] {
  if (problem !== null) return [{ ...problem, severity: "error" }];
  return findings.map((one) => ({
    line: one.line,
    column: one.column,
    severity: one.severity === "note" ? "info" : one.severity,
    message: [one.message, one.hint].filter((part) => part !== "").join("\n"),
  }));
}
