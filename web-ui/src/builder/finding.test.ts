import { describe, expect, it } from "vitest";

import { matching, nextOf } from "./finding";
import { keyAt, outline, stepAt } from "./outline";
import { grammar } from "./testing/grammar";

const TEXT = `steps:
  - name: build
    type: deployment
    command: make Release
  - name: spread
    type: parallel
    branches:
      - name: eu
        steps:
          - name: deploy-eu
            command: ./deploy eu
      - name: us
        steps:
          - command: ./deploy us
  - name: tell
    command: echo done
`;
const found = outline(TEXT, grammar);
const ids = (query: string) => matching(found, query).map((one) => one.id);

describe("matching", () => {
  it.each([
    ["deploy", ["steps/0", "steps/1/branches/0/steps/0", "steps/1/branches/1/steps/0"]],
    ["DEPLOY eu", ["steps/1/branches/0/steps/0"]],
    ["release", ["steps/0"]],
    ["parallel", ["steps/1"]],
    ["branch", ["steps/1/branches/0", "steps/1/branches/1"]],
    ["nothing-like-that", []],
    ["", []],
    ["  ", []],
  ])("of %j", (query, wanted) => {
    expect(ids(query)).toEqual(wanted);
  });
});

describe("nextOf", () => {
  const some = matching(found, "deploy");
  it("goes on from what is chosen, also where that is no match, and begins anew", () => {
    expect(nextOf(found, some, [], 1)?.id).toBe("steps/0");
    expect(nextOf(found, some, ["steps", 0], 1)?.id).toBe("steps/1/branches/0/steps/0");
    expect(nextOf(found, some, ["steps", 1], 1)?.id).toBe("steps/1/branches/0/steps/0");
    expect(nextOf(found, some, ["steps", 2], 1)?.id).toBe("steps/0");
  });
  it("goes back as well", () => {
    expect(nextOf(found, some, ["steps", 2], -1)?.id).toBe("steps/1/branches/1/steps/0");
    expect(nextOf(found, some, ["steps", 0], -1)?.id).toBe("steps/1/branches/1/steps/0");
    expect(nextOf(found, [], ["steps", 0], 1)).toBeNull();
  });
});

describe("keys", () => {
  it("are by name, so that they stay when neighbours are moved", () => {
    expect(keyAt(found, ["steps", 1, "branches", 0, "steps", 0])).toBe(
      "/steps/spread/branches/eu/steps/deploy-eu",
    );
    expect(keyAt(found, ["steps", 1, "branches"])).toBe("/steps/spread/branches");
    expect(keyAt(found, ["steps"])).toBe("/steps");
    expect(keyAt(found, [])).toBe("");
    const moved = outline(TEXT.replace("steps:\n", "steps:\n  - command: before\n"), grammar);
    expect(stepAt(moved, ["steps", 2])?.key).toBe(stepAt(found, ["steps", 1])?.key);
  });
});
