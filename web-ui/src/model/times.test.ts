import { describe, expect, it } from "vitest";

import { between, distance, duration } from "./times";

describe("duration", () => {
  it.each([
    [0, "0 s"],
    [0.034, "34 ms"],
    [1.34, "1.3 s"],
    [9.96, "10 s"],
    [42.4, "42 s"],
    [200, "3 min 20 s"],
    [3600, "1 h"],
    [7500, "2 h 5 min"],
    [273_600, "3 d 4 h"],
    [-3, "0 s"],
  ])("says %d as %s", (seconds, said) => {
    expect(duration(seconds)).toBe(said);
  });
});

describe("distance", () => {
  const now = Date.parse("2026-11-23T05:00:00Z");

  it.each([
    ["2026-11-23T04:59:58Z", "just now"],
    ["2026-11-23T04:55:00Z", "5 min ago"],
    ["2026-11-23T07:00:00Z", "in 2 h"],
    ["2026-11-20T05:00:00Z", "3 d ago"],
    ["no moment", ""],
  ])("says %s as %s", (moment, said) => {
    expect(distance(moment, now)).toBe(said);
  });
});

describe("between", () => {
  const now = Date.parse("2026-11-23T05:00:00Z");

  it("runs on while there is no end", () => {
    expect(between("2026-11-23T04:59:00Z", null, now)).toBe(60);
  });

  it("stands still after the end", () => {
    expect(between("2026-11-23T04:59:00Z", "2026-11-23T04:59:03.5Z", now)).toBe(3.5);
  });

  it("is nothing before the start, and never negative", () => {
    expect(between(null, null, now)).toBeNull();
    expect(between("2026-11-23T05:00:10Z", null, now)).toBe(0);
  });
});
