import { describe, expect, it } from "vitest";

import { afterwards, whom } from "./words";

describe("what is said of an approval", () => {
  it("says what happens when nobody answers in time", () => {
    expect(afterwards({ on_timeout: "continue" })).toContain("goes on");
    expect(afterwards({ on_timeout: "reject" })).toContain("rejected");
    expect(afterwards({ on_timeout: "fail" })).toContain("times out");
  });

  it("says who is asked, and how many have approved", () => {
    const one = { actor: "ada", at: "2026-01-01T00:00:00Z", answer: "approved" };
    expect(whom({ approvers: null, minimum: 1, answers: [] })).toBe("anyone who may approve");
    expect(whom({ approvers: ["ada", "group:ops"], minimum: 2, answers: [one] })).toBe(
      "ada, group:ops; 1 of 2 have approved",
    );
  });
});
