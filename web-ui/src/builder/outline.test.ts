import { describe, expect, it } from "vitest";

import { insertStep } from "./edits";
import { outline, stepAround, stepAt, stepAtLine, walk } from "./outline";
import { grammar } from "./testing/grammar";

const TEXT = `name: x
description: y
steps:
  - name: deploy
    type: deployment
    command: ./deploy
    on_failure:
      - shell: |
          echo failed
          echo really
  - type: parallel
    branches:
      - name: left
        steps:
          - {name: inner, command: a}
  - type: conditional
    condition: a > 1
    then: []
  - nonsense
finally:
  - command: last
`;
const found = outline(TEXT, grammar);

describe("outline", () => {
  it("is the tree of the steps, with their lines", () => {
    const seen = [...walk(found.lists)].map((one) => [one.id, one.kind, one.title, ...one.lines]);
    expect(seen).toEqual([
      ["steps/0", "command", "deploy", 4, 10],
      ["steps/0/on_failure/0", "command", "echo failed", 8, 10],
      ["steps/1", "parallel", "parallel 2", 11, 15],
      ["steps/1/branches/0", "branch", "left", 13, 15],
      ["steps/1/branches/0/steps/0", "command", "inner", 15, 15],
      ["steps/2", "conditional", "a > 1", 16, 18],
      ["steps/3", "command", "step 4", 19, 19],
      ["finally/0", "command", "last", 21, 21],
    ]);
    expect(found.fields).toEqual({ name: "x", description: "y" });
    expect(found.absent.map((one) => one.key)).toEqual(["on_failure", "on_success"]);
  });
  it("knows what a step calls, its label, and where there is room for steps", () => {
    const deploy = stepAt(found, ["steps", 0]);
    expect([deploy?.label, deploy?.summary, deploy?.malformed]).toEqual([
      "deployment",
      "./deploy",
      false,
    ]);
    expect(deploy?.absent.map((one) => one.key)).toEqual(["on_success", "finally", "compensate"]);
    const conditional = stepAt(found, ["steps", 2]);
    expect(conditional?.lists.map((one) => [one.key, one.steps.length, one.lines])).toEqual([
      ["then", 0, [18, 18]],
      ["else", 0, null],
    ]);
    expect(stepAt(found, ["steps", 3])?.malformed).toBe(true);
  });
  it("finds the step of a line, and of a path into it", () => {
    expect(stepAtLine(found, 9)?.id).toBe("steps/0/on_failure/0");
    expect(stepAtLine(found, 15)?.id).toBe("steps/1/branches/0/steps/0");
    expect(stepAtLine(found, 1)).toBeNull();
    expect(stepAround(found, ["steps", 0, "on_failure", 0, "shell"])?.id).toBe(
      "steps/0/on_failure/0",
    );
    expect(stepAround(found, ["name"])).toBeNull();
  });
  it("stays as it was while the text cannot be read, and says where", () => {
    const broken = outline(TEXT.replace("command: a}", "command: a"), grammar, found);
    expect(broken.lists).toBe(found.lists);
    expect(broken.text).toBe(TEXT);
    expect(broken.problem?.line).toBeGreaterThan(14);
    expect(outline("- a list\n", grammar).problem?.message).toContain("mapping");
    expect(outline("a: 1\na: 2\n", grammar).problem).toMatchObject({ line: 2, column: 1 });
  });
  it("of nothing has a list for steps", () => {
    for (const text of ["", "# only this\n", "name: x\n"]) {
      expect(outline(text, grammar).lists.map((one) => [one.key, one.steps.length])).toEqual([
        ["steps", 0],
      ]);
    }
  });
  it("shows steps that are written elsewhere as such", () => {
    const shared = outline("steps:\n  - &one {command: a}\n  - *one\n", grammar);
    expect([...walk(shared.lists)].map((one) => [one.title, one.shared])).toEqual([
      ["a", false],
      ["a", true],
    ]);
  });
  it("of a thousand steps has them all after an edit", () => {
    const names = Array.from({ length: 1000 }, (_, at) => `  - name: s${at}\n    command: a\n`);
    const text = `steps:\n${names.join("")}`;
    const edited = insertStep(text, ["steps"], 500, { command: "new" }, grammar);
    const steps = [...walk(outline(edited.text, grammar).lists)];
    expect([steps.length, steps[500]?.title, steps[1000]?.title]).toEqual([1001, "new", "s999"]);
  }, 300_000);
});
