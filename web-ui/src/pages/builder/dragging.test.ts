import { afterEach, describe, expect, it } from "vitest";

import type { PaletteEntry } from "../../builder/palette";
import { randomFrom } from "../../builder/testing/random";
import {
  type Box,
  type Cargo,
  letGo,
  lift,
  lifted,
  lineAmong,
  pathOf,
  placeAmong,
  takes,
} from "./dragging";

const ENTRY: PaletteEntry = {
  id: "command:Command",
  group: "kinds",
  kind: "command",
  title: "Command",
  description: "",
  step: { command: "echo" },
};
const AROUND: Box = { left: 10, top: 20, right: 210, bottom: 52 };

afterEach(letGo);

/** Cards one under the other, some high, with gaps as the page has them. */
function column(random: (limit: number) => number): readonly Box[] {
  let top = 100;
  return Array.from({ length: 1 + random(8) }, () => {
    const bottom = top + 28 + random(400);
    const box = { left: 10, top, right: 210, bottom };
    top = bottom + 6;
    return box;
  });
}

/** Branches in rows of two or three, of the same height within a row. */
function rows(random: (limit: number) => number): readonly Box[] {
  const found: Box[] = [];
  let top = 100;
  for (let row = 1 + random(4); row > 0; row -= 1) {
    const bottom = top + 40 + random(300);
    let left = 10;
    for (let more = 2 + random(2); more > 0; more -= 1) {
      const right = left + 150 + random(100);
      found.push({ left, top, right, bottom });
      left = right + 6;
    }
    top = bottom + 6;
  }
  return found;
}

describe("what is held", () => {
  it("is what was lifted last, until it is let go", () => {
    expect(lifted()).toBeNull();
    lift({ kind: "new", entry: ENTRY });
    const moved: Cargo = { kind: "move", block: { path: ["steps", 0], count: 1 }, of: "step" };
    lift(moved);
    expect(lifted()).toBe(moved);
    letGo();
    expect(lifted()).toBeNull();
  });
});

describe("takes", () => {
  const steps: Cargo = { kind: "move", block: { path: ["steps", 1], count: 2 }, of: "step" };
  const branch: Cargo = {
    kind: "move",
    block: { path: ["steps", 0, "branches", 0], count: 1 },
    of: "branch",
  };
  it("lets new steps into lists of steps alone", () => {
    expect(takes(["steps"], "step", { kind: "new", entry: ENTRY })).toBe(true);
    expect(takes(["steps", 0, "branches"], "branch", { kind: "new", entry: ENTRY })).toBe(false);
    expect(takes(["steps"], undefined, { kind: "new", entry: ENTRY })).toBe(false);
  });
  it("lets nothing into itself, however deep, nor into its neighbours that come along", () => {
    expect(takes(["steps"], "step", steps)).toBe(true);
    expect(takes(["steps", 0, "then"], "step", steps)).toBe(true);
    expect(takes(["steps", 3, "then"], "step", steps)).toBe(true);
    expect(takes(["steps", 1, "then"], "step", steps)).toBe(false);
    expect(takes(["steps", 2, "branches", 0, "steps"], "step", steps)).toBe(false);
  });
  it("keeps branches among branches", () => {
    expect(takes(["steps", 0, "branches"], "branch", branch)).toBe(true);
    expect(takes(["steps", 1, "branches"], "branch", branch)).toBe(true);
    expect(takes(["steps"], "step", branch)).toBe(false);
  });
});

describe("placeAmong", () => {
  const three: readonly Box[] = [
    { left: 0, top: 0, right: 100, bottom: 30 },
    { left: 0, top: 36, right: 100, bottom: 436 },
    { left: 0, top: 442, right: 100, bottom: 472 },
  ];
  it.each([
    [-5, 0],
    [14, 0],
    [16, 1],
    [33, 1],
    // Of a high card only its head counts as above it.
    [75, 1],
    [77, 2],
    [430, 2],
    [456, 2],
    [458, 3],
    [9999, 3],
  ])("under each other, at a height of %i, is %i", (y, wanted) => {
    expect(placeAmong(three, false, 50, y)).toBe(wanted);
  });
  const grid: readonly Box[] = [
    { left: 0, top: 0, right: 100, bottom: 50 },
    { left: 106, top: 0, right: 206, bottom: 50 },
    { left: 0, top: 56, right: 100, bottom: 106 },
  ];
  it.each([
    [49, 25, 0],
    [51, 25, 1],
    [157, 25, 2],
    [10, 80, 2],
    [60, 80, 3],
    [10, 200, 3],
  ])("beside each other, at %i, %i, is %i", (x, y, wanted) => {
    expect(placeAmong(grid, true, x, y)).toBe(wanted);
  });
  it("is the only one in an empty list", () => {
    expect(placeAmong([], false, 5, 5)).toBe(0);
    expect(placeAmong([], true, 5, 5)).toBe(0);
  });
});

describe("lineAmong", () => {
  it("fills an empty list, and is seen in one without height", () => {
    expect(lineAmong([], false, 0, AROUND)).toEqual({ left: 10, top: 20, width: 200, height: 32 });
    expect(lineAmong([], true, 0, { ...AROUND, bottom: 20 }).height).toBe(4);
  });
  it.each([
    ["under each other", false, column],
    ["beside each other", true, rows],
  ] as const)("stands where what is dropped on it lands, %s", (_, beside, made) => {
    for (let seed = 1; seed < 200; seed += 1) {
      const items = made(randomFrom(seed));
      for (let index = 0; index <= items.length; index += 1) {
        const line = lineAmong(items, beside, index, AROUND);
        const [x, y] = [line.left + line.width / 2, line.top + line.height / 2];
        expect(placeAmong(items, beside, x, y), `seed ${seed}, place ${index}`).toBe(index);
      }
    }
  });
  it("covers no card that it does not stand before", () => {
    for (let seed = 1; seed < 100; seed += 1) {
      const items = column(randomFrom(seed));
      for (let index = 0; index <= items.length; index += 1) {
        const { top, height } = lineAmong(items, false, index, AROUND);
        for (const box of items) expect(top + height <= box.top || top >= box.bottom).toBe(true);
      }
    }
  });
  it("never sends a pointer that goes down further up", () => {
    for (let seed = 1; seed < 100; seed += 1) {
      const items = column(randomFrom(seed));
      let before = 0;
      for (let y = 90; y < 1200; y += 7) {
        const now = placeAmong(items, false, 50, y);
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      }
    }
  });
});

describe("pathOf", () => {
  it("reads what the document says", () => {
    expect(pathOf('["steps",1,"then"]')).toEqual(["steps", 1, "then"]);
    expect(pathOf("[]")).toEqual([]);
    expect(pathOf(undefined)).toBeNull();
  });
});
