import { idOf, type Outline, stepAround, stepAtLine } from "../../builder/outline";
import type { Problem } from "../../builder/source";
import type { Placed } from "./answers";
import type { Mark } from "./editing";
import { isList, listAt } from "./places";
import type { Marked } from "./StepCard";

/** The step, or else the line of the playbook, that a finding is about. */
function ownerOf(found: Outline, finding: Placed): string {
  const path = finding.path ?? null;
  if (path === null) return stepAtLine(found, finding.line)?.id ?? "";
  if (isList(path) && listAt(found, path) !== null) return idOf(path.slice(0, -1));
  return stepAround(found, path)?.id ?? "";
}

/** How many errors and warnings there are at each step. */
export function markedSteps(
  found: Outline,
  findings: readonly Placed[],
): ReadonlyMap<string, Marked> {
  const marked = new Map<string, Marked>();
  for (const finding of findings) {
    if (finding.severity === "note") continue;
    const id = ownerOf(found, finding);
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
