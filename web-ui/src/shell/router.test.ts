import { describe, expect, it } from "vitest";

import { matches, withQuery } from "./router";

describe("matches", () => {
  it("takes names out of a path", () => {
    expect(matches("/workflows/:id", "/workflows/WF-2026-001")).toEqual({ id: "WF-2026-001" });
  });

  it("decodes what was encoded", () => {
    expect(matches("/playbooks/*name", "/playbooks/ops/a%20b")).toEqual({ name: "ops/a b" });
  });

  it("leaves alone what cannot be decoded", () => {
    expect(matches("/workflows/:id", "/workflows/100%")).toEqual({ id: "100%" });
  });

  it.each([
    ["/workflows", "/workflow"],
    ["/workflows/:id", "/workflows"],
    ["/workflows/:id", "/workflows/"],
    ["/workflows/:id", "/workflows/a/b"],
    ["/playbooks/*name", "/playbooks/"],
  ])("refuses %s for %s", (pattern, path) => {
    expect(matches(pattern, path)).toBeNull();
  });
});

describe("withQuery", () => {
  const place = { path: "/workflows", query: new URLSearchParams("state=failed&after=x") };

  it("sets and takes away", () => {
    expect(withQuery(place, { state: "running", after: "" })).toBe("/workflows?state=running");
  });

  it("leaves no question mark behind", () => {
    expect(withQuery(place, { state: "", after: "" })).toBe("/workflows");
  });
});
