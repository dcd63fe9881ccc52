import { describe, expect, it } from "vitest";

import type { FailureMatrix, Outcome } from "../../api/rehearsals";
import { countOf, fits, mishapsIn, rowsFor, rulesBroken } from "./failures";

const RESUME = { runs: [], attaches: [], decide: [], reuses: [] };

function outcome(path: string, mishap: string, more: Partial<Outcome> = {}): Outcome {
  const parts = { of: null, handlers: [], done: [], partial: [], owner: null, state: "failed" };
  return { path, mishap, ...parts, resume: RESUME, ...more };
}

const BUILD = { path: "build", label: null, call: "make", when: null };
const DEPLOY = { path: "deploy", label: null, call: "deploy", when: null };
const MATRIX: FailureMatrix = {
  state: "succeeded",
  bounded: false,
  notes: [],
  rules: [{ rule: "notify", holds: false, note: null }],
  breaches: [{ rule: "notify", path: "deploy", mishap: "fails", of: null, why: "nobody is told" }],
  steps: [
    {
      ...BUILD,
      outcomes: [
        outcome("build", "host_dies", { owner: "lost", state: "needs_attention", done: ["fetch"] }),
        outcome("build", "fails"),
      ],
    },
    {
      ...DEPLOY,
      outcomes: [
        outcome("deploy", "fails", { partial: ["deploy"] }),
        outcome("deploy", "enclosing_times_out", { of: "all" }),
        outcome("deploy", "enclosing_times_out", { of: "half" }),
      ],
    },
  ],
};

describe("the failure matrix", () => {
  it("has a column for each mishap that occurs, in a steady order", () => {
    expect(mishapsIn(MATRIX)).toEqual(["fails", "enclosing_times_out", "host_dies"]);
  });

  it("keeps those apart that happen at several places around a step", () => {
    const [, deploy] = rowsFor(MATRIX, "all");
    expect(deploy?.cells.get("enclosing_times_out")?.map((one) => one.of)).toEqual(["all", "half"]);
  });

  it("is reduced to what needs attention, leaves something over, or breaks a rule", () => {
    const paths = (filter: Parameters<typeof rowsFor>[1]) =>
      rowsFor(MATRIX, filter).map((row) => row.step.path);
    expect(paths("attention")).toEqual(["build"]);
    expect(paths("leftovers")).toEqual(["deploy"]);
    expect(paths("broken")).toEqual(["deploy"]);
    expect(countOf(MATRIX, "all")).toBe(5);
    expect(countOf(MATRIX, "leftovers")).toBe(1);
  });

  it("says which rule an outcome breaks, and no other's", () => {
    const [fails, times] = MATRIX.steps[1]?.outcomes ?? [];
    expect(fails && rulesBroken(fails, MATRIX).map((one) => one.why)).toEqual(["nobody is told"]);
    expect(times && fits(times, "broken", MATRIX)).toBe(false);
  });
});
