import { describe, expect, it } from "vitest";

import { addHandler, EditError, insertStep, moveStep, removeStep, setField } from "./edits";
import { grammar } from "./testing/grammar";

const TEXT = `# What is released
name: release   # short

steps:
  # build it
  - name: build
    command: make   release  # twice the blanks are meant
    timeout: 5m

  # ship it
  - name: ship
    type: parallel
    branches:
      - name: eu
        steps: [{name: deploy, command: "./deploy eu"}]
      - name: us
        steps:
          - name: deploy
            command: ./deploy us
            # slow over there
    on_failure:
      - shell: |
          echo "# no comment"
  # tell
  - {name: tell, command: ./tell}
`;

describe("setField", () => {
  it("exchanges one value and nothing else", () => {
    expect(setField(TEXT, ["steps", 0, "timeout"], "10m", grammar)).toBe(
      TEXT.replace("timeout: 5m", "timeout: 10m"),
    );
  });
  it("keeps the comment behind a value", () => {
    expect(setField(TEXT, ["name"], "release two", grammar)).toBe(
      TEXT.replace("name: release   # short", "name: release two   # short"),
    );
  });
  it("adds a key before those that hold steps", () => {
    expect(setField(TEXT, ["steps", 1, "max_parallel"], 2, grammar)).toBe(
      TEXT.replace("    branches:\n", "    max_parallel: 2\n    branches:\n"),
    );
  });
  it("adds a key to a mapping in one line", () => {
    expect(setField(TEXT, ["steps", 2, "retry"], 3, grammar)).toBe(
      TEXT.replace("{name: tell, command: ./tell}", "{name: tell, command: ./tell, retry: 3}"),
    );
  });
  it("makes the maps on the way", () => {
    expect(setField(TEXT, ["steps", 0, "retry", "attempts"], 4, grammar)).toBe(
      TEXT.replace("    timeout: 5m\n", "    timeout: 5m\n    retry:\n      attempts: 4\n"),
    );
  });
  it("takes a key away, the first of a step too", () => {
    expect(setField(TEXT, ["steps", 0, "name"], undefined, grammar)).toBe(
      TEXT.replace("- name: build\n    command", "- command"),
    );
    expect(setField(TEXT, ["steps", 0, "timeout"], undefined, grammar)).toBe(
      TEXT.replace("    timeout: 5m\n", ""),
    );
    expect(setField(TEXT, ["steps", 2, "command"], undefined, grammar)).toBe(
      TEXT.replace("{name: tell, command: ./tell}", "{name: tell}"),
    );
  });
  it("writes several lines as block text, and keeps block text block text", () => {
    expect(setField(TEXT, ["steps", 0, "command"], undefined, grammar)).not.toContain("make");
    expect(setField(TEXT, ["steps", 1, "on_failure", 0, "shell"], "one\n# two\n", grammar)).toBe(
      TEXT.replace('echo "# no comment"', "one\n          # two"),
    );
    expect(setField("steps: []\n", ["description"], "a\nb", grammar)).toBe(
      "description: |-\n  a\n  b\nsteps: []\n".replace(/^(.*\n.*\n.*\n)(.*\n)$/, "$2$1"),
    );
  });
  it("changes maps and lists part by part", () => {
    const text = "env:\n  A: 1 # first\n  B: 2\ntags:\n  # why\n  - x\n  - y # last\n";
    expect(setField(text, ["env"], { A: 1, C: "3" }, grammar)).toBe(
      'env:\n  A: 1 # first\n  C: "3"\ntags:\n  # why\n  - x\n  - y # last\n',
    );
    expect(setField(text, ["tags"], ["x", "z", "y"], grammar)).toBe(
      text.replace("  - x\n", "  - x\n  - z\n"),
    );
    expect(setField(text, ["tags"], [], grammar)).toBe("env:\n  A: 1 # first\n  B: 2\ntags: []\n");
  });
  it("is refused where the text cannot be read, and behind an alias", () => {
    expect(() => setField("a: [", ["a"], 1, grammar)).toThrow(EditError);
    const text = "steps:\n  - &one {command: a}\n  - *one\n";
    expect(() => setField(text, ["steps", 1, "name"], "x", grammar)).toThrow(/anchor/);
  });
});

describe("insertStep", () => {
  it("writes the step where it belongs", () => {
    const { text, path } = insertStep(
      TEXT, ["steps", 1, "branches", 1, "steps"], 1, { name: "check", command: "./check" }, grammar,
    ); // prettier-ignore
    expect(text).toBe(
      TEXT.replace(
        "            # slow over there\n",
        "            # slow over there\n          - name: check\n            command: ./check\n",
      ),
    );
    expect(path).toEqual(["steps", 1, "branches", 1, "steps", 1]);
  });
  it("writes a list in one line anew, in lines", () => {
    const { text } = insertStep(
      TEXT, ["steps", 1, "branches", 0, "steps"], 0, { command: "./look" }, grammar,
    ); // prettier-ignore
    expect(text).toBe(
      TEXT.replace(
        '        steps: [{name: deploy, command: "./deploy eu"}]\n',
        "        steps:\n          - command: ./look\n          - name: deploy\n            command: ./deploy eu\n",
      ),
    );
  });
  it("begins with nothing", () => {
    const first = insertStep("", ["steps"], 0, { command: "ls" }, grammar);
    expect(first.text).toBe("steps:\n  - command: ls\n");
    const comment = insertStep("# mine\nname: x", ["steps"], 0, { command: "ls" }, grammar);
    expect(comment.text).toBe("# mine\nname: x\nsteps:\n  - command: ls\n");
    const empty = insertStep("steps: [] # none yet\n", ["steps"], 0, { command: "ls" }, grammar);
    expect(empty.text).toBe("steps: # none yet\n  - command: ls\n");
  });
  it("keeps a list whose dashes stand below the key as it is", () => {
    const { text } = insertStep("steps:\n- command: a\n", ["steps"], 1, { command: "b" }, grammar);
    expect(text).toBe("steps:\n- command: a\n- command: b\n");
    const handled = addHandler(text, [], "finally", { command: "c" }, grammar);
    expect(handled.text).toBe("steps:\n- command: a\n- command: b\nfinally:\n- command: c\n");
  });
  it("keeps steps apart where they stand apart", () => {
    const text = "steps:\n  - command: a\n\n  - command: b\n";
    expect(insertStep(text, ["steps"], 1, { command: "x" }, grammar).text).toBe(
      "steps:\n  - command: a\n\n  - command: x\n\n  - command: b\n",
    );
    expect(insertStep(text, ["steps"], 2, { command: "x" }, grammar).text).toBe(
      "steps:\n  - command: a\n\n  - command: b\n\n  - command: x\n",
    );
  });
});

describe("removeStep", () => {
  it("takes the comments above it along, and one blank line", () => {
    expect(removeStep(TEXT, ["steps", 0], grammar).text).toBe(
      TEXT.replace(/ {2}# build it\n[^]*5m\n\n/, ""),
    );
  });
  it("takes a list of handlers along with its last step, and leaves one that is needed", () => {
    expect(removeStep(TEXT, ["steps", 1, "on_failure", 0], grammar).text).toBe(
      TEXT.replace(/ {4}on_failure:\n.*\n.*\n/, ""),
    );
    expect(removeStep("steps:\n  - command: a\n", ["steps", 0], grammar).text).toBe("steps: []\n");
  });
});

describe("moveStep", () => {
  it("takes the comments along, to another depth", () => {
    const { text, path } = moveStep(
      TEXT,
      ["steps", 0],
      ["steps", 1, "branches", 1, "steps"],
      0,
      grammar,
    );
    expect(path).toEqual(["steps", 0, "branches", 1, "steps", 0]);
    expect(text).toContain(`        steps:
          # build it
          - name: build
            command: make   release  # twice the blanks are meant
            timeout: 5m
          - name: deploy
`);
    expect(
      text.startsWith("# What is released\nname: release   # short\n\nsteps:\n  # ship it\n"),
    ).toBe(true);
  });
  it("counts places as they are before", () => {
    const text = "steps:\n  - command: a\n  - command: b\n  - command: c\n";
    const order = (from: number, to: number) =>
      [...moveStep(text, ["steps", from], ["steps"], to, grammar).text.matchAll(/: (.)\n/g)]
        .map((found) => found[1])
        .join("");
    expect(order(0, 3)).toBe("bca");
    expect(order(2, 0)).toBe("cab");
    expect(order(1, 1)).toBe("abc");
    expect(order(1, 2)).toBe("abc");
    expect(order(0, 2)).toBe("bac");
  });
  it("makes the list that it goes to", () => {
    const { text, path } = moveStep(
      TEXT,
      ["steps", 1, "on_failure", 0],
      ["on_failure"],
      0,
      grammar,
    );
    expect(path).toEqual(["on_failure", 0]);
    expect(text.endsWith(`\non_failure:\n  - shell: |\n      echo "# no comment"\n`)).toBe(true);
    expect(text).not.toContain("    on_failure");
  });
  it("moves a step out, before what it was in", () => {
    const from = ["steps", 1, "branches", 1, "steps", 0];
    const { text, path } = moveStep(TEXT, from, ["steps"], 1, grammar);
    expect(path).toEqual(["steps", 1]);
    expect(text).toContain("  - name: deploy\n    command: ./deploy us\n    # slow over there\n");
    expect(text).toContain("      - name: us\n        steps: []\n");
    const handler = moveStep(TEXT, ["steps", 1, "on_failure", 0], ["steps"], 0, grammar);
    expect(handler.text).not.toContain("on_failure");
  });
  it("is refused into itself", () => {
    expect(() =>
      moveStep(TEXT, ["steps", 1], ["steps", 1, "branches", 0, "steps"], 0, grammar),
    ).toThrow("A step cannot be moved into itself.");
  });
});
