import { describe, expect, it } from "vitest";

import { byDay } from "./days";

describe("byDay", () => {
  it("puts slots in order under their days", () => {
    const slots = ["2026-11-25T12:00:00Z", "2026-11-23T12:00:00Z", "2026-11-23T11:00:00Z"].map(
      (at) => ({ at, schedule: "nightly" }),
    );
    expect(byDay(slots).map((one) => one.slots.map((slot) => slot.at))).toEqual([
      ["2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"],
      ["2026-11-25T12:00:00Z"],
    ]);
  });
});
