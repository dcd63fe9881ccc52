import { describe, expect, it } from "vitest";

import { asGiven, changed, fieldsFor, isWrong } from "./otherValues";

const FIELDS = fieldsFor([
  { name: "environment", type: "string" },
  { name: "version", type: "string", required: true },
  { name: "count", type: "integer", default: 3 },
  { name: "note", type: "string" },
  { name: "password", type: "string", secret: true },
]);
const BEFORE = asGiven(FIELDS, { version: "2.1", count: 5, note: "first" });

describe("other values than a workflow had", () => {
  it("begin with those that it had, secrets left out", () => {
    expect(BEFORE).toEqual({ version: "2.1", count: "5", note: "first", password: "" });
  });

  it("are only those that were changed, as their types", () => {
    expect(changed(FIELDS, BEFORE, BEFORE)).toEqual({});
    expect(changed(FIELDS, BEFORE, { ...BEFORE, count: "3" })).toEqual({ count: 3 });
  });

  it("may be empty", () => {
    expect(changed(FIELDS, BEFORE, { ...BEFORE, note: "" })).toEqual({ note: "" });
  });

  it("are refused where they do not fit, and only there", () => {
    expect(isWrong(FIELDS, BEFORE, { ...BEFORE, count: "three" })).toBe(true);
    expect(isWrong(FIELDS, { ...BEFORE, count: "old" }, { ...BEFORE, count: "old" })).toBe(false);
  });
});
