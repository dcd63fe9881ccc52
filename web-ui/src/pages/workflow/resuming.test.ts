import { describe, expect, it } from "vitest";

import { summary } from "./resuming";

const line = (path: string, action: string, why = "") => ({ path, action, why });

describe("summary", () => {
  it("tells steps that are reused in one line", () => {
    const lines = [line("a", "reuse"), line("b", "reuse"), line("c", "reuse"), line("d", "run")];
    expect(summary(lines).map((one) => `${one.action}: ${one.text}`)).toEqual([
      "reuse: 3 steps, a to c",
      "run: d",
    ]);
  });

  it("says why", () => {
    expect(summary([line("a", "run", "it failed")])[0]?.text).toBe("a (it failed)");
  });

  it("has an end", () => {
    const lines = Array.from({ length: 100 }, (_, index) => line(`s${index}`, "run"));
    expect(summary(lines)).toHaveLength(31);
    expect(summary(lines).at(-1)?.text).toBe("and 70 more");
  });
});
