import { describe, expect, it } from "vitest";

import { blockOf, isInBlock, moveSteps, pathsIn, removeSteps } from "./blocks";
import { EditError } from "./edits";
import { read, valueAt } from "./source";
import { grammar } from "./testing/grammar";

const TEXT = `steps:
  # a
  - command: a
  - command: b # b
  - command: c
  - type: conditional
    condition: "true"
    then:
      - command: d
      - command: e
  - command: f
finally:
  - command: g
`;

/** The commands of the lists, in the order of the text. */
function commands(text: string): string {
  const { value } = read(text);
  const steps = (valueAt(value, ["steps"]) ?? []) as readonly Record<string, unknown>[];
  const said = (some: unknown): string =>
    ((some ?? []) as readonly Record<string, unknown>[])
      .map((one) => (one.then === undefined ? String(one.command) : `(${said(one.then)})`))
      .join("");
  return `${said(steps)} ${said(valueAt(value, ["finally"]))}`.trim();
}

describe("blockOf", () => {
  it("reaches from one neighbour to the other, whichever comes first", () => {
    const wanted = { path: ["steps", 1], count: 3 };
    expect(blockOf(["steps", 1], ["steps", 3])).toEqual(wanted);
    expect(blockOf(["steps", 3], ["steps", 1])).toEqual(wanted);
    expect(pathsIn(blockOf(["steps", 1], ["steps", 2]))).toEqual([
      ["steps", 1],
      ["steps", 2],
    ]);
  });
  it("is one alone where they stand in different lists, or are lists", () => {
    const alone = { path: ["steps", 3, "then", 0], count: 1 };
    expect(blockOf(["steps", 3, "then", 0], ["steps", 0])).toEqual(alone);
    expect(blockOf(["steps", 3, "then", 0], null)).toEqual(alone);
    expect(blockOf(["steps"], ["finally"])).toEqual({ path: ["steps"], count: 1 });
  });
  it("knows what is in it", () => {
    const block = { path: ["steps", 2], count: 2 };
    expect(isInBlock(["steps", 3, "then", 0], block)).toBe(true);
    expect(isInBlock(["steps", 4], block)).toBe(false);
    expect(isInBlock(["finally", 2], block)).toBe(false);
  });
});

describe("moveSteps", () => {
  const moved = (from: number, count: number, list: (string | number)[], index: number) =>
    moveSteps(TEXT, { path: ["steps", from], count }, list, index, grammar);

  it.each([
    [0, 2, 3, "cab(de)f g", 1],
    [0, 2, 5, "c(de)fab g", 3],
    [1, 2, 0, "bca(de)f g", 0],
    [3, 2, 1, "a(de)fbc g", 1],
  ])("moves %i, %i long, to %i in its own list", (from, count, index, wanted, at) => {
    const edited = moved(from, count, ["steps"], index);
    expect(commands(edited.text)).toBe(wanted);
    expect([edited.path, edited.count]).toEqual([["steps", at], count]);
  });
  it("leaves them where they are if they are moved to themselves", () => {
    for (const index of [1, 2, 3]) expect(moved(1, 2, ["steps"], index).text).toBe(TEXT);
  });
  it("moves them in, with their comments, though the place moves away under them", () => {
    const edited = moved(0, 2, ["steps", 3, "then"], 1);
    expect(commands(edited.text)).toBe("c(dabe)f g");
    expect(edited.path).toEqual(["steps", 1, "then", 1]);
    expect(edited.text).toContain("      # a\n      - command: a\n      - command: b # b\n");
  });
  it("moves all of a list out, before what they were in", () => {
    const block = { path: ["steps", 3, "then", 0], count: 2 };
    const edited = moveSteps(TEXT, block, ["steps"], 1, grammar);
    expect(commands(edited.text)).toBe("adebc()f g");
    expect([edited.path, edited.count]).toEqual([["steps", 1], 2]);
    const after = moveSteps(TEXT, block, ["steps"], 4, grammar);
    expect(commands(after.text)).toBe("abc()def g");
    expect(after.path).toEqual(["steps", 4]);
  });
  it("makes a list that is not there yet", () => {
    const edited = moved(1, 2, ["on_failure"], 0);
    expect(valueAt(read(edited.text).value, ["on_failure"])).toEqual([
      { command: "b" },
      { command: "c" },
    ]);
    expect(edited.path).toEqual(["on_failure", 0]);
  });
  it("is refused into one of them", () => {
    expect(() => moved(2, 2, ["steps", 3, "then"], 0)).toThrow(EditError);
  });
});

describe("removeSteps", () => {
  it("takes all of them, and the list that needs none", () => {
    const edited = removeSteps(TEXT, { path: ["steps", 0], count: 4 }, grammar);
    expect(edited.text).toBe("steps:\n  - command: f\nfinally:\n  - command: g\n");
    expect(edited.path).toEqual(["steps", 0]);
    const rest = removeSteps(TEXT, { path: ["finally", 0], count: 1 }, grammar);
    expect(commands(rest.text)).toBe("abc(de)f");
    expect(rest.text).not.toContain("finally");
  });
});
