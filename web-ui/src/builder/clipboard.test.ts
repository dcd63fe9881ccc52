import { describe, expect, it } from "vitest";

import { copiedText, duplicateSteps, pasteSteps } from "./clipboard";
import { EditError } from "./edits";
import { read, valueAt } from "./source";
import { grammar } from "./testing/grammar";

const TEXT = `steps:
  # build it
  - name: build
    command: make   release  # blanks are meant
  - {name: tell, command: ./tell}
  - name: spread
    type: parallel
    branches:
      - name: left
        steps:
          - command: one
          # second
          - command: two
`;

const paste = (copied: string, list: (string | number)[] = ["steps"], index = 3) =>
  pasteSteps(TEXT, list, index, copied, grammar);

describe("copiedText", () => {
  it("is what is written, at the left margin", () => {
    expect(copiedText(TEXT, { path: ["steps", 0], count: 2 })).toBe(
      "# build it\n- name: build\n  command: make   release  # blanks are meant\n" +
        "- {name: tell, command: ./tell}\n",
    );
  });
  it("has the values of what is tied to another place", () => {
    const text =
      "steps:\n  - &it {command: a, env: &e {A: b}}\n  - *it\n  - {command: c, env: *e}\n";
    expect(copiedText(text, { path: ["steps", 1], count: 2 })).toBe(
      "- command: a\n  env:\n    A: b\n- command: c\n  env:\n    A: b\n",
    );
  });
  it("is refused of what is not there", () => {
    expect(() => copiedText(TEXT, { path: ["steps", 2], count: 2 })).toThrow(EditError);
  });
});

describe("pasteSteps", () => {
  it("keeps comments, and names differ afterwards", () => {
    const edited = paste(copiedText(TEXT, { path: ["steps", 0], count: 2 }));
    expect(edited.text.startsWith(TEXT)).toBe(true);
    expect(edited.text.slice(TEXT.length)).toBe(`  # build it
  - name: build-2
    command: make   release  # blanks are meant
  - {name: tell-2, command: ./tell}
`);
    expect([edited.path, edited.count]).toEqual([["steps", 3], 2]);
  });
  it("gives what is pasted together different names, too", () => {
    const { text } = paste("- {name: x, command: a}\n- {name: x, command: b}\n", ["steps"], 0);
    expect(valueAt(read(text).value, ["steps", 0, "name"])).toBe("x");
    expect(valueAt(read(text).value, ["steps", 1, "name"])).toBe("x-2");
  });
  it.each([
    ["one step by itself", "name: new\ncommand: run\n", [{ name: "new", command: "run" }]],
    ["a playbook", "name: p\nsteps:\n- shell: x\n", [{ shell: "x" }]],
    ["JSON", '[{"type": "wait", "duration": "5m"}]', [{ type: "wait", duration: "5m" }]],
    [
      "branches, as the steps in them",
      "- name: l\n  steps:\n    - command: a\n    - command: b\n- steps: [{command: c}]\n",
      [{ command: "a" }, { command: "b" }, { command: "c" }],
    ],
  ])("takes %s", (_, copied, wanted) => {
    const edited = paste(copied);
    const there = valueAt(read(edited.text).value, ["steps"]) as readonly unknown[];
    expect(there.slice(3)).toEqual(wanted);
    expect(edited.count).toBe(wanted.length);
  });
  it("makes a branch of steps that are put among branches, and takes branches there", () => {
    const list = ["steps", 2, "branches"];
    const made = paste("- command: a\n- command: b\n", list, 1);
    expect(valueAt(read(made.text).value, [...list, 1])).toEqual({
      steps: [{ command: "a" }, { command: "b" }],
    });
    const taken = paste(copiedText(TEXT, { path: [...list, 0], count: 1 }), list, 1);
    expect(valueAt(read(taken.text).value, [...list, 1, "name"])).toBe("left-2");
    expect(taken.text.match(/# second/g)).toHaveLength(2);
  });
  it.each(["", "some words", "[", "- 1\n- 2\n", "a: 1\n", "steps: []\n", "- name: x\n", "null"])(
    "refuses %j, and says what it takes",
    (copied) => {
      expect(() => paste(copied)).toThrow("What was copied is no step");
    },
  );
});

describe("duplicateSteps", () => {
  it("puts several after themselves, not among each other", () => {
    const { text, path, count } = duplicateSteps(TEXT, { path: ["steps", 0], count: 2 }, grammar);
    const names = (valueAt(read(text).value, ["steps"]) as readonly { name: string }[]).map(
      (one) => one.name,
    );
    expect(names).toEqual(["build", "tell", "build-2", "tell-2", "spread"]);
    expect([path, count]).toEqual([["steps", 2], 2]);
  });
});
