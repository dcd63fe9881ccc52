import { describe, expect, it } from "vitest";

import type { Figure, FigureGroup } from "../api/pictures";
import { type Choice, layOut, sizeOf } from "./layout";

function step(path: string, follows: readonly number[] = [], groups: readonly FigureGroup[] = []) {
  return { path, name: path, kind: "command", call: "", state: "", follows, groups };
}

function list(figures: readonly Figure[], caption = "", aside = false): FigureGroup {
  return { caption, aside, figures };
}

const OPEN: Choice = { isOpen: () => true, iterationOf: () => null };
const SHUT: Choice = { isOpen: () => false, iterationOf: () => null };

const FORKED = [
  list([
    step("prepare"),
    step(
      "spread",
      [0],
      [
        list([step("spread/left/build")], "left"),
        list([step("spread/right/build"), step("spread/right/test", [0])], "right"),
      ],
    ),
  ]),
  list([step("on_failure/tell")], "on_failure", true),
];

describe("layOut", () => {
  it("has the boxes in reading order, and says where each one's own end", () => {
    const { boxes } = layOut(FORKED, OPEN);
    expect(boxes.map((box) => [box.path, box.depth, box.end])).toEqual([
      ["prepare", 0, 1],
      ["spread", 0, 5],
      ["spread/left/build", 1, 3],
      ["spread/right/build", 1, 4],
      ["spread/right/test", 1, 5],
      ["on_failure/tell", 0, 6],
    ]);
  });

  it("keeps what is inside within what contains it", () => {
    const { boxes, width, height } = layOut(FORKED, OPEN);
    for (const outer of boxes) {
      expect(outer.x + outer.width <= width && outer.y + outer.height <= height).toBe(true);
      for (const inner of boxes.slice(boxes.indexOf(outer) + 1, outer.end)) {
        expect(inner.x).toBeGreaterThan(outer.x);
        expect(inner.y).toBeGreaterThan(outer.y);
        expect(inner.x + inner.width).toBeLessThan(outer.x + outer.width);
        expect(inner.y + inner.height).toBeLessThan(outer.y + outer.height);
      }
    }
  });

  it("puts branches beside each other, and handlers to the right of everything", () => {
    const { boxes, lanes } = layOut(FORKED, OPEN);
    const [, spread, left, right, , tell] = boxes;
    expect(left?.y).toBe(right?.y);
    expect(left?.x).toBeLessThan(right?.x ?? 0);
    expect(tell?.x).toBeGreaterThan((spread?.x ?? 0) + (spread?.width ?? 0));
    expect(lanes.map((lane) => [lane.caption, lane.aside])).toEqual([
      ["left", false],
      ["right", false],
      ["on_failure", true],
    ]);
  });

  it("draws nothing of what is closed", () => {
    const { boxes, lines } = layOut(FORKED, SHUT);
    expect(boxes.map((box) => box.path)).toEqual(["prepare", "spread", "on_failure/tell"]);
    expect(lines).toHaveLength(1);
  });

  it("names what is in a loop by the iteration that is shown", () => {
    const inner = step("each/every", [], [list([step("each/every/check")])]);
    const groups = [list([step("each", [], [list([inner])])])];
    const choice: Choice = {
      isOpen: () => true,
      iterationOf: (_, path) => `${path}[7]`,
    };
    expect(layOut(groups, choice).boxes.map((box) => box.path)).toEqual([
      "each",
      "each[7]/every",
      "each[7]/every[7]/check",
    ]);
  });

  it("counts what is written in a figure at every depth", () => {
    const inner = step("a/b", [], [list([step("a/b/c"), step("a/b/d")])]);
    expect(sizeOf(step("a", [], [list([inner])]))).toBe(3);
  });
});
