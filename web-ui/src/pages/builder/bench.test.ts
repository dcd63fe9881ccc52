import { describe, expect, it } from "vitest";

import { grammar } from "../../builder/testing/grammar";
import { type Action, type Bench, benchFor, chosenBlock, worked } from "./bench";
import { deed } from "./deeds";

const TEXT = `steps:
  - name: one
    command: a
  - name: two
    command: b
  - name: three
    type: conditional
    condition: "true"
    then:
      - name: four
        command: d
  - name: five
    command: e
`;

function after(...actions: readonly Action[]): Bench {
  return actions.reduce(worked, benchFor(TEXT, grammar));
}

const choose = (...path: readonly (string | number)[]): Action => ({ kind: "choose", path });
const extend = (to: number | (string | number)[]): Action => ({ kind: "extend", to });
const type = (text: string, at = 0): Action => ({ kind: "text", text, at });
const textOf = (bench: Bench) => bench.history.present.text;
const chosen = (bench: Bench) => bench.history.present.selection;
const names = (bench: Bench) => bench.outline.lists[0]?.steps.map((one) => one.name).join(" ");

describe("a bench", () => {
  it("begins with nothing said, nothing chosen and nothing to undo", () => {
    const bench = benchFor(TEXT, grammar);
    expect(bench.said.text).toBe("");
    expect(chosen(bench)).toEqual([]);
    expect(worked(bench, { kind: "undo" }).said).toMatchObject({
      text: "There is nothing to undo.",
      refused: true,
    });
    expect(textOf(worked(bench, { kind: "undo" }))).toBe(TEXT);
  });
  it("says what was done and where that is now, in a new turn each time", () => {
    const first = after(choose("steps", 0), deed("down", { path: ["steps", 0], count: 1 }));
    expect(first.said).toEqual({
      text: "Moved down. one is 2 of 4 in steps.",
      refused: false,
      turn: 1,
    });
    const again = worked(first, deed("down", { path: ["steps", 1], count: 1 }));
    expect(again.said.turn).toBe(2);
    expect(chosen(again)).toEqual(["steps", 2]);
  });
  it("is as it was when an edit is refused, and says why", () => {
    const bench = after(choose("steps", 0));
    const refused = worked(bench, deed("up", { path: ["steps", 0], count: 1 }));
    expect(refused.said).toMatchObject({ text: "one is the first here already.", refused: true });
    expect({ ...refused, said: bench.said }).toEqual(bench);
  });
  it("lets errors through that are none of an edit's", () => {
    const broken: Action = {
      kind: "edit",
      said: "",
      edit: () => {
        throw new TypeError("a flaw");
      },
    };
    expect(() => after(broken)).toThrow(TypeError);
  });
});

describe("what is chosen", () => {
  it("is what an edit ends at, and comes back with undo and redo", () => {
    const removed = after(choose("steps", 0), deed("remove", { path: ["steps", 3], count: 1 }));
    expect(chosen(removed)).toEqual(["steps", 2]);
    const back = worked(removed, { kind: "undo" });
    expect([textOf(back), chosen(back)]).toEqual([TEXT, ["steps", 0]]);
    expect(textOf(worked(back, { kind: "redo" }))).toBe(textOf(removed));
  });
  it("goes to what is around it when it is gone", () => {
    const bench = after(choose("steps", 2, "then", 0), type("steps:\n  - command: a\n"));
    expect(chosen(bench)).toEqual([]);
    const beside = after(choose("steps", 3), type(TEXT.slice(0, TEXT.indexOf("  - name: five"))));
    expect(chosen(beside)).toEqual(["steps", 2]);
  });
  it("may be a list that could be there, as long as its step is", () => {
    const bench = after(choose("steps", 2, "else"), type(`${TEXT}# more\n`));
    expect(chosen(bench)).toEqual(["steps", 2, "else"]);
    expect(chosen(worked(bench, type("steps: []\n")))).toEqual([]);
  });
  it("stays while the text is broken, and so do the steps", () => {
    const bench = after(choose("steps", 1), type(`[${TEXT}`));
    expect(bench.outline.problem).not.toBeNull();
    expect([chosen(bench), names(bench)]).toEqual([["steps", 1], "one two three five"]);
    const refused = worked(bench, deed("down", { path: ["steps", 1], count: 1 }));
    expect(refused.said).toMatchObject({ refused: true });
    expect(refused.said.text).toContain("mend it first");
    const mended = worked(refused, type(TEXT, 1));
    expect(mended.outline.problem).toBeNull();
    expect(chosen(mended)).toEqual(["steps", 1]);
  });
  it("follows the caret", () => {
    expect(chosen(after({ kind: "line", line: 11 }))).toEqual(["steps", 2, "then", 0]);
    expect(chosen(after(choose("steps", 1), { kind: "line", line: 1 }))).toEqual([]);
  });
});

describe("typing", () => {
  const field = (value: string, where: string, at: number): Action => ({
    kind: "field",
    where,
    at,
    edit: (text) => ({
      text: text.replace(/(?<=name: one\n {4}command: ).*/, value),
      path: ["steps", 0],
    }),
  });
  it("in one place without a rest is one thing to undo", () => {
    const bench = after(field("x", "command", 0), field("xy", "command", 1500), { kind: "undo" });
    expect(textOf(bench)).toBe(TEXT);
  });
  it("after a rest, or in another place, is another", () => {
    const rested = after(field("x", "command", 0), field("xy", "command", 2500), { kind: "undo" });
    expect(textOf(rested)).toContain("command: x\n");
    const other = after(field("x", "command", 0), field("y", "name", 10), { kind: "undo" });
    expect(textOf(other)).toContain("command: x\n");
  });
  it("says nothing, so that what was said last can be read", () => {
    expect(after(field("x", "command", 0)).said.turn).toBe(0);
  });
});

describe("several", () => {
  it("are chosen from an end, to either side, and are acted on together", () => {
    const bench = after(choose("steps", 1), extend(1), extend(1));
    expect(chosenBlock(bench)).toEqual({ path: ["steps", 1], count: 3 });
    expect(bench.said.text).toBe("3 steps are chosen.");
    const up = worked(bench, deed("up", chosenBlock(bench)));
    expect(names(up)).toBe("two three five one");
    expect(up.said.text).toBe("Moved up. 3 steps are 1 to 3 of 4 in steps.");
    expect(chosenBlock(up)).toEqual({ path: ["steps", 0], count: 3 });
  });
  it("grow and shrink around where they began", () => {
    expect(chosenBlock(after(choose("steps", 1), extend(1), extend(-1))).count).toBe(1);
    const beyond = after(choose("steps", 1), extend(1), extend(-1), extend(-1));
    expect(chosenBlock(beyond)).toEqual({ path: ["steps", 0], count: 2 });
  });
  it("end where their list ends", () => {
    expect(chosenBlock(after(choose("steps", 3), extend(1)))).toEqual({
      path: ["steps", 3],
      count: 1,
    });
    expect(chosenBlock(after(choose("steps", 2, "then", 0), extend(-1))).count).toBe(1);
    expect(chosen(after(choose("steps"), extend(1)))).toEqual(["steps"]);
    expect(chosen(after(extend(1)))).toEqual([]);
  });
  it("reach to a neighbour, and no further than their list", () => {
    expect(chosenBlock(after(choose("steps", 3), extend(["steps", 0])))).toEqual({
      path: ["steps", 0],
      count: 4,
    });
    const other = after(choose("steps", 3), extend(["steps", 2, "then", 0]));
    expect(chosenBlock(other)).toEqual({ path: ["steps", 2, "then", 0], count: 1 });
  });
  it("are one again when something else is chosen, typed, or undone", () => {
    const several = [choose("steps", 0), extend(1)];
    for (const action of [
      choose("steps", 1),
      type(`${TEXT}# x\n`),
      { kind: "line", line: 3 } as const,
    ])
      expect(chosenBlock(after(...several, action)).count).toBe(1);
    const removed = after(...several, deed("remove", { path: ["steps", 0], count: 2 }));
    expect(names(removed)).toBe("three five");
    const back = worked(removed, { kind: "undo" });
    expect([names(back), chosenBlock(back).count]).toEqual(["one two three five", 1]);
  });
  it("stay chosen when an edit of them is refused", () => {
    const bench = after(choose("steps", 0), extend(1));
    const refused = worked(bench, deed("up", chosenBlock(bench)));
    expect(refused.said.text).toBe("These are the first here already.");
    expect(chosenBlock(refused).count).toBe(2);
  });
});
