import { describe, expect, it } from "vitest";

import { began, canRedo, canUndo, recorded, redone, typed, undone } from "./history";

describe("history", () => {
  it("goes back and forth, with what was selected", () => {
    const start = began("a", ["steps", 0]);
    const edited = recorded(start, "b", ["steps", 1]);
    expect([canUndo(start), canUndo(edited), canRedo(edited)]).toEqual([false, true, false]);
    const back = undone(edited);
    expect([back.present.text, back.present.selection]).toEqual(["a", ["steps", 0]]);
    expect(redone(back).present.text).toBe("b");
    expect(undone(start)).toBe(start);
    expect(redone(start)).toBe(start);
  });
  it("forgets what was undone once something else is done", () => {
    const other = recorded(undone(recorded(began("a", []), "b", [])), "c", []);
    expect(canRedo(other)).toBe(false);
    expect(undone(other).present.text).toBe("a");
  });
  it("takes a run of typing in one place as one entry", () => {
    let history = typed(began("", []), "a", [], "editor", 1000);
    history = typed(history, "ab", [], "editor", 2000);
    history = typed(history, "abc", [], "editor", 3500);
    expect(undone(history).present.text).toBe("");
    history = typed(history, "abcd", [], "editor", 5600);
    history = typed(history, "abcde", [], "field", 5700);
    const texts = [];
    for (; canUndo(history); history = undone(history)) texts.push(history.present.text);
    expect(texts).toEqual(["abcde", "abcd", "abc"]);
  });
  it("makes no entry of what changes nothing", () => {
    const history = recorded(began("a", []), "a", ["steps", 3]);
    expect(canUndo(history)).toBe(false);
    expect(history.present.selection).toEqual(["steps", 3]);
  });
  it("begins a new entry for typing after an undo", () => {
    const history = undone(typed(typed(began("", []), "a", [], "x", 0), "b", [], "y", 1));
    expect(undone(typed(history, "ac", [], "x", 2)).present.text).toBe("a");
  });
});
