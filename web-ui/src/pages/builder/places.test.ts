import { describe, expect, it } from "vitest";

import { outline, walk } from "../../builder/outline";
import type { Path } from "../../builder/source";
import { grammar } from "../../builder/testing/grammar";
import {
  besides,
  inside,
  isBranch,
  isList,
  listAt,
  outside,
  placeAfter,
  spokenPlace,
  stepNamed,
} from "./places";

const TEXT = `name: x
steps:
  - name: first
    command: a
  - name: both
    type: parallel
    branches:
      - name: left
        steps:
          - command: b
          - name: inner
            command: c
      - steps:
          - command: d
    on_failure:
      - command: e
  - name: check
    type: conditional
    condition: "true"
    then:
      - name: loop
        type: foreach
        items: [1]
        steps:
          - name: deep
            command: f
      - command: g
  - name: last
    command: h
`;
const found = outline(TEXT, grammar);
const one = (...path: Path) => ({ path, count: 1 });

describe("paths", () => {
  it("tells branches, lists and steps apart", () => {
    expect(isBranch(["steps", 1, "branches", 0])).toBe(true);
    expect(isBranch(["steps", 1])).toBe(false);
    expect(isBranch(["steps", 1, "branches"])).toBe(false);
    expect(isList(["steps", 1, "branches"])).toBe(true);
    expect(isList(["steps"])).toBe(true);
    expect(isList(["steps", 1])).toBe(false);
    expect(isList([])).toBe(false);
  });
  it("finds lists that are there, and none else", () => {
    expect(listAt(found, ["steps"])?.steps).toHaveLength(4);
    expect(listAt(found, ["steps", 1, "branches", 0, "steps"])?.steps).toHaveLength(2);
    expect(listAt(found, ["steps", 1, "on_failure"])?.steps).toHaveLength(1);
    expect(listAt(found, ["steps", 0, "then"])).toBeNull();
    expect(listAt(found, ["finally"])).toBeNull();
    expect(listAt(found, ["steps", 9, "then"])).toBeNull();
  });
});

describe("placeAfter", () => {
  it.each<[string, Path, Path, number]>([
    ["the playbook", [], ["steps"], 4],
    ["a step", ["steps", 0], ["steps"], 1],
    ["the last step", ["steps", 3], ["steps"], 4],
    ["a list", ["steps", 2, "then"], ["steps", 2, "then"], 2],
    ["a branch", ["steps", 1, "branches", 0], ["steps", 1, "branches", 0, "steps"], 2],
    ["the branches", ["steps", 1, "branches"], ["steps", 1, "branches", 1, "steps"], 1],
    ["a list that could be there", ["steps", 2, "else"], ["steps", 2, "else"], 0],
    ["a handler of the playbook", ["finally"], ["finally"], 0],
  ])("of %s", (_, chosen, list, index) => {
    expect(placeAfter(found, chosen)).toEqual({ list, index });
  });
});

describe("besides", () => {
  it("is one place up or down, counted before anything is moved", () => {
    expect(besides(found, one("steps", 1), -1)).toEqual({ list: ["steps"], index: 0 });
    expect(besides(found, one("steps", 1), 1)).toEqual({ list: ["steps"], index: 3 });
    const two = { path: ["steps", 1], count: 2 };
    expect(besides(found, two, -1)).toEqual({ list: ["steps"], index: 0 });
    expect(besides(found, two, 1)).toEqual({ list: ["steps"], index: 4 });
  });
  it("ends where the list ends, and says so", () => {
    expect(() => besides(found, one("steps", 0), -1)).toThrow("first is the first here already.");
    expect(() => besides(found, one("steps", 3), 1)).toThrow("last is the last here already.");
    const two = { path: ["steps", 2], count: 2 };
    expect(() => besides(found, two, 1)).toThrow("These are the last here already.");
  });
});

describe("outside", () => {
  it.each<[Path, Path, number]>([
    [["steps", 2, "then", 1], ["steps"], 3],
    [["steps", 2, "then", 0, "steps", 0], ["steps", 2, "then"], 1],
    [["steps", 1, "branches", 1, "steps", 0], ["steps"], 2],
    [["steps", 1, "on_failure", 0], ["steps"], 2],
  ])("of %j is behind what it is in", (path, list, index) => {
    expect(outside(found, { path, count: 1 })).toEqual({ list, index });
  });
  it("is nowhere for the outermost, and for branches", () => {
    expect(() => outside(found, one("steps", 0))).toThrow(
      "first is at the outermost level already.",
    );
    expect(() => outside(found, { path: ["steps", 0], count: 2 })).toThrow("These are at the");
    expect(() => outside(found, one("steps", 1, "branches", 0))).toThrow("A branch stays");
  });
});

describe("inside", () => {
  it("prefers the step before, and takes its last branch, at the end", () => {
    expect(inside(found, one("steps", 2))).toEqual({
      list: ["steps", 1, "branches", 1, "steps"],
      index: 1,
    });
    expect(inside(found, one("steps", 3))).toEqual({ list: ["steps", 2, "then"], index: 2 });
  });
  it("takes the one after else, at the beginning of its first branch", () => {
    const into = { list: ["steps", 1, "branches", 0, "steps"], index: 0 };
    expect(inside(found, one("steps", 0))).toEqual(into);
  });
  it("looks beyond all that come along", () => {
    const two = { path: ["steps", 0], count: 2 };
    expect(inside(found, two)).toEqual({ list: ["steps", 2, "then"], index: 0 });
  });
  it("is refused where neither neighbour holds steps", () => {
    const where = one("steps", 1, "branches", 0, "steps", 0);
    expect(() => inside(found, where)).toThrow("Neither the step before nor the one after");
  });
  it("is undone by going outside, but for the place", () => {
    const { list } = inside(found, one("steps", 3));
    expect(outside(found, { path: [...list, 0], count: 1 }).list).toEqual(["steps"]);
  });
});

describe("spokenPlace", () => {
  it.each<[Path, number, string]>([
    [["steps", 0], 1, "1 of 4 in steps"],
    [["steps", 1], 3, "2 to 4 of 4 in steps"],
    [["steps", 2, "then", 1], 1, "2 of 2 in then of check"],
    [["steps", 1, "on_failure", 0], 1, "1 of 1 in on failure of both"],
    [["steps", 1, "branches", 1, "steps", 0], 1, "1 of 1 in steps of branch 2"],
    [["nowhere", 0], 1, ""],
  ])("of %j, %i long, is %j", (path, count, wanted) => {
    expect(spokenPlace(found, { path, count })).toBe(wanted);
  });
});

describe("stepNamed", () => {
  it.each<[string, Path]>([
    ["first", ["steps", 0]],
    ["both/left/inner", ["steps", 1, "branches", 0, "steps", 1]],
    ["both/left/1", ["steps", 1, "branches", 0, "steps", 0]],
    ["both/2/1", ["steps", 1, "branches", 1, "steps", 0]],
    ["both/on_failure/1", ["steps", 1, "on_failure", 0]],
    ["check/then/loop[1]/deep", ["steps", 2, "then", 0, "steps", 0]],
    ["check/then/loop", ["steps", 2, "then", 0]],
  ])("finds %s as workflows name it", (name, path) => {
    expect(stepNamed(found, name)?.path).toEqual(path);
  });
  it("finds nothing that is not there", () => {
    expect(stepNamed(found, "both/middle")).toBeNull();
    expect(stepNamed(found, "")).toBeNull();
  });
  it("gives every step a name of its own", () => {
    const all = [...walk(found.lists)];
    expect(all).toHaveLength(13);
    expect(all.filter((step) => stepNamed(found, step.title) === step).map((s) => s.title)).toEqual(
      ["first", "both", "check", "last"],
    );
  });
});
