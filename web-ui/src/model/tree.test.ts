import { describe, expect, it } from "vitest";

import type { Step } from "../api/types";
import {
  above,
  EMPTY,
  inSight,
  missing,
  parentOf,
  rowsOf,
  shown,
  stateOf,
  toggled,
  withChanges,
  withPage,
} from "./tree";

function step(path: string, state: string | null, children = 0): Step {
  return {
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    kind: children > 0 ? "foreach" : "command",
    label: null,
    state,
    attempts: 1,
    exit_code: null,
    started_at: null,
    finished_at: null,
    duration: null,
    children,
    counts: {},
    planned: state === null,
    role: null,
  };
}

const lines = (tree: Parameters<typeof rowsOf>[0]) =>
  rowsOf(tree).map((row) =>
    row.kind === "step"
      ? `${"  ".repeat(row.depth)}${row.step.path} ${row.step.state}`
      : `more of ${row.parent}`,
  );

describe("above", () => {
  it("is what a path is in, from the outside in", () => {
    expect(above("a/then/b[7]/c")).toEqual(["a", "a/then", "a/then/b", "a/then/b[7]"]);
  });
});

describe("shown", () => {
  it("expands what an entry is in, and is the same tree if that is so already", () => {
    const tree = shown(EMPTY, "a/left/b");
    expect([...tree.expanded]).toEqual(["", "a", "a/left"]);
    expect(shown(tree, "a/left/c")).toBe(tree);
  });
});

describe("parentOf", () => {
  it.each([
    ["deploy", ""],
    ["spread/left/build", "spread/left"],
    ["regions[eu-west-1]", "regions"],
    ["regions[eu-west-1]/1", "regions[eu-west-1]"],
    ["spread[retry 2]", "spread"],
  ])("of %s is %s", (path, parent) => {
    expect(parentOf(path)).toBe(parent);
  });
});

describe("the tree", () => {
  const top = withPage(EMPTY, "", {
    items: [step("build", "succeeded", 2), step("spread", "failed", 2), step("tell", null)],
    next: null,
  });

  it("opens what did not go well, and leaves alone what did", () => {
    expect(missing(top)).toEqual(["spread"]);
  });

  it("does not open what is too long to be seen whole", () => {
    const long = withPage(EMPTY, "", { items: [step("loop", "running", 10_000)], next: null });
    expect(missing(long)).toEqual([]);
  });

  it("shows a branch as the steps in it stand", () => {
    const branch = { ...step("spread/left", null, 3), counts: { succeeded: 2, failed: 1 } };
    expect(stateOf(branch)).toBe("failed");
    expect(stateOf(step("spread/right", null, 3))).toBeNull();
  });

  it("puts what was read below its entry", () => {
    const read = withPage(top, "spread", {
      items: [step("spread/left", "succeeded"), step("spread/right", "failed")],
      next: null,
    });
    expect(lines(read)).toEqual([
      "build succeeded",
      "spread failed",
      "  spread/left succeeded",
      "  spread/right failed",
      "tell null",
    ]);
    expect(lines(toggled(read, "spread"))).toEqual([
      "build succeeded",
      "spread failed",
      "tell null",
    ]);
  });

  it("does not open again what somebody closed", () => {
    const closed = toggled(top, "spread");
    const again = withPage(closed, "", { items: [step("spread", "failed", 2)], next: null });
    expect(missing(again)).toEqual([]);
  });

  it("does not take a page for newer than what came while it was on its way", () => {
    const over = { ...step("tell", "succeeded"), finished_at: "2026-11-23T05:00:00Z" };
    const late = withPage(withChanges(top, [over]), "", {
      items: [step("tell", "running")],
      next: null,
    });
    expect(lines(late).at(-1)).toBe("tell succeeded");
  });

  it("shows where the rest begins, and goes on there", () => {
    const first = withPage(EMPTY, "", { items: [step("1", "succeeded")], next: "c" });
    expect(lines(first)).toEqual(["1 succeeded", "more of "]);
    const second = withPage(first, "", { items: [step("2", "running")], next: null });
    expect(lines(second)).toEqual(["1 succeeded", "2 running"]);
  });

  it("takes changes, also of what was only planned", () => {
    expect(lines(withChanges(top, [step("tell", "running")])).at(-1)).toBe("tell running");
  });

  it("takes in what is new where everything was read, and only there", () => {
    const open = withPage(EMPTY, "", { items: [step("loop", "running", 1)], next: null });
    const known = withPage(open, "loop", { items: [step("loop[a]", "succeeded")], next: null });
    expect(lines(withChanges(known, [step("loop[b]", "running")]))).toEqual([
      "loop running",
      "  loop[a] succeeded",
      "  loop[b] running",
    ]);
    const partly = withPage(open, "loop", { items: [step("loop[a]", "succeeded")], next: "c" });
    expect(lines(withChanges(partly, [step("loop[b]", "running")]))).toEqual([
      "loop running",
      "  loop[a] succeeded",
      "more of loop",
    ]);
    expect(lines(withChanges(open, [step("loop[b]", "running")]))).toEqual(["loop running"]);
  });

  it("stays fast with ten thousand entries, of which few are drawn", () => {
    const items = Array.from({ length: 10_000 }, (_, index) => step(`loop[${index}]`, "succeeded"));
    const tree = withPage(
      withPage(EMPTY, "", { items: [step("loop", "running", 3)], next: null }),
      "loop",
      { items, next: null },
    );
    const rows = rowsOf(tree);
    expect(rows).toHaveLength(10_001);
    const [first, end] = inSight(150_000, 600, 30, rows.length);
    expect([first, end]).toEqual([4988, 5032]);
  });
});

describe("inSight", () => {
  it("keeps within what there is", () => {
    expect(inSight(0, 600, 30, 5)).toEqual([0, 5]);
    expect(inSight(99_999, 600, 30, 5)).toEqual([5, 5]);
    expect(inSight(0, 600, 30, 0)).toEqual([0, 0]);
  });
});
