import { describe, expect, it } from "vitest";

import { renameStep, unwrapStep, wrappers, wrapSteps } from "./reshape";
import { grammar } from "./testing/grammar";

const TEXT = `steps:
  # first
  - name: build  # it
    command: make
    # and that is all
  - name: ship
    needs: [build]
    command: ./ship \${build.output.path} $\${build} build
    when: build.success and "build" != env.build
`;

describe("wrapSteps", () => {
  it("offers what the schema says holds steps", () => {
    expect(wrappers(grammar)).toEqual(["parallel", "conditional", "foreach", "transaction"]);
  });
  it("moves the step in, with its comments", () => {
    const { text, path } = wrapSteps(
      TEXT,
      { path: ["steps", 0], count: 1 },
      "transaction",
      grammar,
    );
    expect(path).toEqual(["steps", 0]);
    expect(text.startsWith(`steps:
  - type: transaction
    steps:
      # first
      - name: build  # it
        command: make
        # and that is all
  - name: ship
`)).toBe(true); // prettier-ignore
  });
  it("gives a parallel step a branch", () => {
    const { text } = wrapSteps(
      "steps:\n  - command: a\n",
      { path: ["steps", 0], count: 1 },
      "parallel",
      grammar,
    );
    expect(text).toBe(
      "steps:\n  - type: parallel\n    branches:\n      - steps:\n          - command: a\n",
    );
  });
  it("puts several into one, and the blank lines between them, too", () => {
    const three = "steps:\n  - command: a\n\n  # two\n  - command: b\n\n  - command: c\n";
    const { text } = wrapSteps(three, { path: ["steps", 0], count: 2 }, "transaction", grammar);
    expect(text).toBe(`steps:
  - type: transaction
    steps:
      - command: a

      # two
      - command: b

  - command: c
`);
  });
  it("puts several into branches of their own", () => {
    const two = "steps:\n  - command: a\n  - command: b # b\n";
    const { text } = wrapSteps(two, { path: ["steps", 0], count: 2 }, "parallel", grammar);
    expect(text).toBe(`steps:
  - type: parallel
    branches:
      - steps:
          - command: a
      - steps:
          - command: b # b
`);
  });
  it.each(wrappers(grammar))("of %s is undone by unwrapStep", (kind) => {
    const { text } = wrapSteps(TEXT, { path: ["steps", 1], count: 1 }, kind, grammar);
    expect(unwrapStep(text, ["steps", 1], grammar).text).toBe(TEXT);
  });
});

describe("unwrapStep", () => {
  it("does not lose handlers", () => {
    const text =
      "steps:\n  - type: transaction\n    steps: [{command: a}]\n    finally: [{command: b}]\n";
    expect(() => unwrapStep(text, ["steps", 0], grammar)).toThrow(
      "Its finally would be lost: move or remove these steps first.",
    );
  });
  it("puts the steps of all branches one after another", () => {
    const text = `steps:
  - type: parallel
    branches:
      - {name: a, steps: [{command: one}, {command: two}]}
      - steps:
          # third
          - command: three
`;
    expect(unwrapStep(text, ["steps", 0], grammar).text).toBe(
      "steps:\n  - command: one\n  - command: two\n  # third\n  - command: three\n",
    );
  });
});

describe("renameStep", () => {
  it("changes where it is spoken of, and nothing else", () => {
    const { text, changed, left } = renameStep(TEXT, ["steps", 0], "compile", grammar);
    expect(text).toBe(`steps:
  # first
  - name: compile  # it
    command: make
    # and that is all
  - name: ship
    needs: [compile]
    command: ./ship \${compile.output.path} $\${build} build
    when: compile.success and "build" != env.build
`);
    expect([changed, left]).toEqual([3, 0]);
  });
  it("follows the way through what it stands in", () => {
    const text = `steps:
  - name: spread
    type: parallel
    branches:
      - name: left-hand
        steps: [{name: make, command: make}]
  - command: ./use \${spread.left_hand.make.output}
`;
    const branch = renameStep(text, ["steps", 0, "branches", 0], "right", grammar).text;
    expect(branch).toContain("${spread.right.make.output}");
    const inner = renameStep(text, ["steps", 0, "branches", 0, "steps", 0], "do-it", grammar).text;
    expect(inner).toContain("${spread.left_hand.do-it.output}");
  });
  it("says what is left where another thing is called so", () => {
    const text = `parameters: [{name: build}]\n${TEXT}`;
    const { text: renamed, changed, left } = renameStep(text, ["steps", 0], "compile", grammar);
    expect(renamed).toContain("- name: compile");
    expect(renamed).toContain("needs: [compile]");
    expect(renamed).toContain("${build.output.path}");
    expect([changed, left]).toEqual([1, 2]);
  });
});
