import { describe, expect, it } from "vitest";

import type { Figure } from "../api/pictures";
import type { Step } from "../api/types";
import { EMPTY, type Tree } from "../model/tree";
import type { Box } from "./layout";
import { standingOf, StepNews, unread, withoutTries } from "./standing";

function step(path: string, state: string | null, more: Partial<Step> = {}): Step {
  return {
    path,
    name: path,
    kind: "command",
    label: null,
    state,
    attempts: 1,
    exit_code: null,
    started_at: null,
    finished_at: null,
    duration: null,
    children: 0,
    counts: {},
    planned: false,
    role: null,
    ...more,
  };
}

function box(path: string, more: Partial<Box> = {}, figure: Partial<Figure> = {}): Box {
  const written = { path, name: path, kind: "", call: "", state: "", follows: [], groups: [] };
  const place = { x: 0, y: 0, width: 1, height: 1, depth: 0, open: false, lane: "", end: 1 };
  return { ...place, figure: { ...written, ...figure }, path, iteration: null, ...more };
}

function treeOf(...steps: readonly Step[]): Tree {
  return { ...EMPTY, steps: new Map(steps.map((one) => [one.path, one])) };
}

describe("paths", () => {
  it("are the same for every try", () => {
    expect(withoutTries("spread[retry 2]/left[7]/build[retry 13]")).toBe("spread/left[7]/build");
  });
});

describe("standingOf", () => {
  it("believes what was told last, then what was read, then what the graph said", () => {
    const news = new StepNews();
    const one = box("a", {}, { state: "running" });
    expect(standingOf(one, EMPTY, news).state).toBe("running");
    expect(standingOf(one, treeOf(step("a", "failed")), news).state).toBe("failed");
    news.take([step("a", "succeeded")]);
    expect(standingOf(one, treeOf(step("a", "failed")), news).state).toBe("succeeded");
    news.clear();
    expect(standingOf(one, EMPTY, news).state).toBe("running");
  });

  it("knows a step of the second try under the path of its box", () => {
    const news = new StepNews();
    news.take([step("spread[retry 2]/left/build", "running")]);
    const found = standingOf(box("spread/left/build"), EMPTY, news);
    expect(found.step?.path).toBe("spread[retry 2]/left/build");
  });

  it("does not take what all iterations are for one of them", () => {
    const inner = box("each[7]/check", {}, { path: "each/check", state: "failed" });
    expect(standingOf(inner, EMPTY, new StepNews()).state).toBeNull();
    const tree = treeOf(step("each[7]/check", "succeeded"));
    expect(standingOf(inner, tree, new StepNews()).state).toBe("succeeded");
  });

  it("says nothing of what was not reached", () => {
    expect(standingOf(box("a"), EMPTY, new StepNews())).toEqual({
      state: null,
      counts: {},
      iterations: null,
      step: null,
    });
  });
});

describe("StepNews", () => {
  it("stays with what runs until it has ended", () => {
    const news = new StepNews();
    news.begin(["a"]);
    news.take([step("b[3]/c", "running"), step("b", "running", { children: 5 })]);
    expect(news.active).toBe("a");
    news.take([step("a", "succeeded")]);
    expect(news.active).toBe("b[3]/c");
    news.take([step("b[3]/c", "failed")]);
    expect(news.active).toBeNull();
  });

  it("keeps nothing of what is in loops, however many iterations there are", () => {
    const news = new StepNews();
    news.take([step("each[3]/check", "succeeded")]);
    expect(news.get("each[3]/check")).toBeUndefined();
  });

  it("tells listeners until they go", () => {
    const news = new StepNews();
    let heard = 0;
    const leave = news.subscribe(() => {
      heard += 1;
    });
    news.take([]);
    leave();
    news.take([]);
    expect([heard, news.version()]).toEqual([1, 2]);
  });
});

describe("unread", () => {
  const loop = box("each", { open: true, iteration: "each[0]" }, { iterations: 3 });
  const inner = box("each[0]/check");

  it("asks for the iterations first, then for what is in the one that is shown", () => {
    expect(unread([loop, inner], EMPTY)).toEqual(["each"]);
    const read: Tree = {
      ...treeOf(step("each", "running", { children: 3 }), step("each[0]", null, { children: 1 })),
      branches: new Map([["each", { paths: ["each[0]"], next: null }]]),
    };
    expect(unread([loop, inner], read)).toEqual(["each[0]"]);
  });

  it("asks for nothing outside of loops, nor twice", () => {
    expect(unread([box("a", { open: true }), box("a/b")], EMPTY)).toEqual([]);
    const read: Tree = {
      ...treeOf(step("each[0]", null, { children: 1 })),
      branches: new Map([
        ["each", { paths: ["each[0]"], next: null }],
        ["each[0]", { paths: ["each[0]/check"], next: null }],
      ]),
    };
    expect(unread([loop, inner], read)).toEqual([]);
  });
});
