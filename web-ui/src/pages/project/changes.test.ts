import { describe, expect, it } from "vitest";

import { changes, facts } from "./changes";

describe("what an action changed", () => {
  it("is told where it differs", () => {
    const before = { cron: "0 2 * * *", enabled: false, parameters: { a: 1 } };
    const after = { cron: "0 3 * * *", enabled: true, parameters: { a: 1 } };
    expect(changes(before, after)).toEqual([
      { name: "cron", before: "0 2 * * *", after: "0 3 * * *" },
      { name: "enabled", before: "false", after: "true" },
    ]);
  });

  it("is told as a whole of what is no object", () => {
    expect(changes("running", "paused")).toEqual([
      { name: "", before: "running", after: "paused" },
    ]);
    expect(changes(undefined, 3)).toEqual([{ name: "", before: "nothing", after: "3" }]);
  });

  it("cannot be compared if something was made or taken away", () => {
    expect(changes(undefined, { state: "queued" })).toBeNull();
    expect(facts(undefined, { state: "queued", parameters: {}, environment: null })).toEqual({
      state: "queued",
    });
    expect(facts({ name: "nightly" }, undefined)).toEqual({ name: "nightly" });
  });
});
