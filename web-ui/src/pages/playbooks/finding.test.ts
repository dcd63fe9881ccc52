import { describe, expect, it } from "vitest";

import type { PlaybookEntry } from "../../api/types";
import { matching } from "./finding";

function playbook(name: string, more: Partial<PlaybookEntry> = {}): PlaybookEntry {
  return {
    name,
    path: `playbooks/${name}.yaml`,
    origin: "project",
    category: null,
    description: "",
    tags: [],
    version: null,
    valid: true,
    errors: 0,
    ...more,
  };
}

const ALL = [
  playbook("audit", { origin: "shipped", description: "Look for credentials", tags: ["Keys"] }),
  playbook("deploy", { category: "deployment" }),
  playbook("broken", { valid: false, errors: 1 }),
];
const names = (search: string, from = "") => matching(ALL, search, from).map((one) => one.name);

describe("matching", () => {
  it("has first what is to be mended, then the project's own", () => {
    expect(names("")).toEqual(["broken", "deploy", "audit"]);
  });

  it("finds every word in name, description, category or tags", () => {
    expect(names("LOOK keys")).toEqual(["audit"]);
    expect(names("deployment")).toEqual(["deploy"]);
    expect(names("look deploy")).toEqual([]);
  });

  it("keeps to where they come from", () => {
    expect(names("", "shipped")).toEqual(["audit"]);
  });
});
