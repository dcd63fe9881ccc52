import { describe, expect, it } from "vitest";

import { folded, lineDiff } from "./diff";
import { randomFrom } from "./testing/random";

const shown = (before: string, after: string) =>
  lineDiff(before, after)
    .map((line) => ({ same: " ", removed: "-", added: "+" })[line.kind] + line.text)
    .join("|");

describe("lineDiff", () => {
  it.each([
    ["", "", ""],
    ["a\n", "a\n", " a"],
    ["", "a\nb\n", "+a|+b"],
    ["a\nb\n", "", "-a|-b"],
    ["a\nb\nc\n", "a\nx\nc\n", " a|-b|+x| c"],
    ["a\nb\nc\nd\n", "b\nc\na\nd\n", "-a| b| c|+a| d"],
    ["a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", "-a|-b| c|+b| a| b|-b| a|+c"],
  ])("from %j to %j is %j", (before, after, lines) => {
    expect(shown(before, after)).toBe(lines);
  });
  it("leads from one text to the other, whatever they are", () => {
    const random = randomFrom(7);
    for (let round = 0; round < 200; round += 1) {
      const text = () =>
        Array.from({ length: random(12) }, () => `${"abc"[random(3)] ?? ""}\n`).join("");
      const [before, after] = [text(), text()];
      const lines = lineDiff(before, after);
      const side = (kind: string) =>
        lines
          .filter((line) => line.kind !== kind)
          .map((line) => `${line.text}\n`)
          .join("");
      expect([side("added"), side("removed")]).toEqual([before, after]);
    }
  });
});

describe("folded", () => {
  it("keeps what is near a change", () => {
    const before = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`).join("");
    const after = before.replace("line 10\n", "").replace("line 25\n", "line 25\nmore\n");
    const hunks = folded(lineDiff(before, after), 1);
    expect(hunks.map((hunk) => [hunk.skipped, hunk.lines.map((line) => line.text)])).toEqual([
      [8, ["line 9", "line 10", "line 11"]],
      [13, ["line 25", "more", "line 26"]],
    ]);
  });
  it("is nothing where nothing changed", () => {
    expect(folded(lineDiff("a\n", "a\n"))).toEqual([]);
  });
});
