import { describe, expect, it } from "vitest";

import { entered, enteredAny, isRecord, shownAs } from "./entering";

describe("shownAs", () => {
  it.each([
    [undefined, ""],
    [null, ""],
    ["", ""],
    ["1.10", "1.10"],
    [" two ", " two "],
    [0, "0"],
    [-1.5, "-1.5"],
    [true, "true"],
    [["a", 1], '["a",1]'],
    [{ a: null }, '{"a":null}'],
  ])("of %j is %j", (value, text) => {
    expect(shownAs(value)).toBe(text);
  });
});

/** Texts that look like numbers, and which of them lose nothing as one. */
const LIKE_NUMBERS: readonly (readonly [string, unknown])[] = [
  ["0", 0],
  ["-7", -7],
  ["300", 300],
  ["0.5", 0.5],
  ["1.10", "1.10"],
  ["1.0", "1.0"],
  ["010", "010"],
  ["+1", "+1"],
  ["1e3", "1e3"],
  ["0x10", "0x10"],
  ["1_000", "1_000"],
  [" 1", " 1"],
  ["-0", "-0"],
  ["NaN", "NaN"],
  ["Infinity", "Infinity"],
  ["12345678901234567890", "12345678901234567890"],
  ["1.2.3", "1.2.3"],
  [".5", ".5"],
  ["5m", "5m"],
  ["${count}", "${count}"],
];

describe("entered", () => {
  it("is nothing where nothing was entered", () => {
    expect(entered("", true)).toBeUndefined();
    expect(entered("", false)).toBeUndefined();
  });
  it.each(LIKE_NUMBERS)("of %j, where a number may stand, is %j", (text, value) => {
    expect(entered(text, true)).toBe(value);
  });
  it.each(LIKE_NUMBERS)("of %j, where only text may stand, stays as it is", (text) => {
    expect(entered(text, false)).toBe(text);
  });
  it.each(LIKE_NUMBERS)("of %j is shown again as it was entered", (text) => {
    expect(shownAs(entered(text, true))).toBe(text);
    expect(shownAs(enteredAny(text, 1))).toBe(text);
  });
});

describe("enteredAny", () => {
  it("keeps a text as text, but for what can only be meant as a number", () => {
    expect(enteredAny("true", "was")).toBe("true");
    expect(enteredAny("yes", "was")).toBe("yes");
    expect(enteredAny("1.10", "1.1")).toBe("1.10");
    expect(enteredAny("5", "was")).toBe(5);
    expect(enteredAny("", "was")).toBe("");
    expect(enteredAny("8081", "8080")).toBe("8081");
  });
  it("takes truths where there was no text", () => {
    expect(enteredAny("true", false)).toBe(true);
    expect(enteredAny("false", 1)).toBe(false);
    expect(enteredAny("True", true)).toBe("True");
    expect(enteredAny("", 1)).toBe("");
  });
});

describe("isRecord", () => {
  it.each([
    [{}, true],
    [{ a: 1 }, true],
    [[], false],
    [null, false],
    [undefined, false],
    ["{}", false],
    [1, false],
  ])("of %j is %j", (value, wanted) => {
    expect(isRecord(value)).toBe(wanted);
  });
});
