import type { FailureMatrix, Outcome } from "../../api/rehearsals";

/** What can happen to a step, in the order in which it is shown, as a person says it. */
const MISHAPS: Readonly<Record<string, string>> = {
  fails: "it fails",
  times_out: "it times out",
  enclosing_times_out: "what it is in times out",
  workflow_times_out: "the workflow times out",
  cancelled: "somebody cancels",
  engine_dies_before: "the engine dies before it",
  engine_dies_during: "the engine dies during it",
  host_dies: "the machine dies",
};

export function mishapInWords(mishap: string): string {
  return MISHAPS[mishap] ?? mishap.replaceAll("_", " ");
}

/** Which outcomes somebody wants to see. */
export const FILTERS = {
  all: "everything",
  attention: "needs attention",
  leftovers: "leaves something over",
  broken: "breaks a rule",
} as const;
export type Filter = keyof typeof FILTERS;

export interface MatrixRow {
  readonly step: FailureMatrix["steps"][number];
  /** What comes of each mishap; several if what it is in can time out in several places. */
  readonly cells: ReadonlyMap<string, readonly Outcome[]>;
}

/** The mishaps that occur at all, in order: the columns. */
export function mishapsIn(matrix: FailureMatrix): readonly string[] {
  const found = new Set(matrix.steps.flatMap((step) => step.outcomes.map((one) => one.mishap)));
  const known = Object.keys(MISHAPS).filter((one) => found.delete(one));
  return [...known, ...found];
}

/** Steps with something left done, or half done, that nothing undoes. */
export function leftOver(outcome: Outcome): readonly string[] {
  return [...outcome.done, ...outcome.partial];
}

/** Whether an outcome is of those that are wanted. */
export function fits(outcome: Outcome, filter: Filter, matrix: FailureMatrix): boolean {
  switch (filter) {
    case "all":
      return true;
    case "attention":
      return outcome.state === "needs_attention";
    case "leftovers":
      // What is left over is done again, or decided about, if the workflow goes on.
      return (
        outcome.owner === null && outcome.state !== "succeeded" && leftOver(outcome).length > 0
      );
    case "broken":
      return rulesBroken(outcome, matrix).length > 0;
  }
}

/** The rules that an outcome breaks, and why. */
export function rulesBroken(outcome: Outcome, matrix: FailureMatrix): FailureMatrix["breaches"] {
  return matrix.breaches.filter(
    (one) => one.path === outcome.path && one.mishap === outcome.mishap && one.of === outcome.of,
  );
}

/** The rows that have an outcome that is wanted. */
export function rowsFor(matrix: FailureMatrix, filter: Filter): readonly MatrixRow[] {
  return matrix.steps
    .filter((step) => step.outcomes.some((one) => fits(one, filter, matrix)))
    .map((step) => {
      const cells = new Map<string, Outcome[]>();
      for (const one of step.outcomes) {
        cells.set(one.mishap, [...(cells.get(one.mishap) ?? []), one]);
      }
      return { step, cells };
    });
}

/** How many outcomes are wanted. */
export function countOf(matrix: FailureMatrix, filter: Filter): number {
  return matrix.steps.reduce(
    (sum, step) => sum + step.outcomes.filter((one) => fits(one, filter, matrix)).length,
    0,
  );
}
