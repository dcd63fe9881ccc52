import { describe, expect, it } from "vitest";

import type { Collision } from "../../api/project";
import { days, inItsWay } from "./days";

const slot = (at: string, schedule = "nightly") => ({
  at,
  schedule,
  slot: at.slice(0, 16),
  remark: "",
  playbook: "audit",
  environment: null,
});

const COLLISION: Collision = {
  at: "2026-11-25T12:00:00Z",
  names: ["nightly", "backup"],
  resource: "connections",
  needed: 12,
  there: 10,
  late: "backup",
  starts: "2026-11-25T12:40:00Z",
  text: "…",
};

describe("the days of the calendar", () => {
  it("are all there, with their slots in order", () => {
    const slots = ["2026-11-25T12:00:00Z", "2026-11-23T12:00:00Z", "2026-11-23T11:00:00Z"].map(
      (at) => slot(at),
    );
    const found = days(slots, [COLLISION], new Date("2026-11-23T09:30:00Z"), 3);
    expect(found.map((one) => one.slots.map((each) => each.at))).toEqual([
      ["2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"],
      [],
      ["2026-11-25T12:00:00Z"],
    ]);
    expect(found.map((one) => one.collisions.length)).toEqual([0, 0, 1]);
  });

  it("mark the slot that will be late, not the one that is in its way", () => {
    expect(inItsWay(slot("2026-11-25T12:00:00Z", "backup"), [COLLISION])).toBe(COLLISION);
    expect(inItsWay(slot("2026-11-25T12:00:00Z", "nightly"), [COLLISION])).toBeNull();
    expect(inItsWay(slot("2026-11-26T12:00:00Z", "backup"), [COLLISION])).toBeNull();
  });
});
