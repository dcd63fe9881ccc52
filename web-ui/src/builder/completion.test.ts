import { describe, expect, it } from "vitest";

import { complete, namesAt, type Scopes } from "./completion";

const field = (name: string, type = "any") => ({ name, kind: "field", type });
const SCOPES: Scopes = {
  frames: [
    { parent: null, names: [{ name: "region", kind: "parameter", type: "text" }] },
    {
      parent: 0,
      names: [
        { name: "deploy-it", kind: "step", type: "map", fields: [field("success", "boolean"), field("stdout")] },
        { name: "loop", kind: "step", type: "map", fields: [
          { ...field("results", "list"), fields: [{ ...field("[]"), fields: [field("inner")] }] }] },
      ],
    },
    { parent: 1, names: [{ name: "region", kind: "loop variable", type: "integer" }] },
  ],
  places: [
    { path: [], frame: 0 },
    { path: ["steps", 1], frame: 1 },
    { path: ["steps", 1, "steps", 0], frame: 2 },
  ],
  filters: [{ name: "default", signature: "default(value)" }, { name: "lower", signature: "lower" }],
  tests: [{ name: "defined", signature: "defined" }],
  functions: [{ name: "range", signature: "range(stop)" }],
}; // prettier-ignore

const labels = (
  text: string,
  path = ["steps", 1] as (string | number)[],
  reading?: "condition",
) => {
  const caret = text.indexOf("^");
  const found = complete(text.replace("^", ""), caret, SCOPES, path, reading);
  return found?.options.map((one) => one.label) ?? null;
};

describe("namesAt", () => {
  it("has what is further in hide what is further out", () => {
    const names = namesAt(SCOPES, ["steps", 1, "steps", 0, "command"]);
    expect(names.map((one) => [one.name, one.kind])).toEqual([
      ["region", "loop variable"],
      ["deploy-it", "step"],
      ["loop", "step"],
    ]);
  });
  it("is that of the playbook where no step is", () => {
    expect(namesAt(SCOPES, ["outputs"]).map((one) => one.name)).toEqual(["region"]);
  });
});

describe("complete", () => {
  it.each<[string, string[] | null, string]>([
    ["echo ${de^}", ["deploy-it"], "names"],
    ["echo ${deploy-it.^", ["success", "stdout"], "fields of a step"],
    ["echo ${deploy_it.su^}", ["success"], "a dash may be written as _"],
    ["${loop.results[0].^}", ["inner"], "what an iteration has"],
    ["${region | ^}", ["default", "lower"], "filters"],
    ["${region|l^}", ["lower", "default"], "filters that begin so, then those that hold it"],
    ["${region is not ^}", ["defined"], "tests"],
    ["${ran^}", ["range"], "functions"],
    ["${nothing.^}", [], "fields of what is not there"],
    ["$^", ["deploy-it", "loop", "region"], "names in braces"],
    ["echo re^", null, "outside of braces"],
    ["echo $${re^}", null, "braces of the shell"],
    ["${region} re^", null, "behind an expression"],
    ['${"re^"}', null, "in quotes"],
    ["${region ^}", null, "behind a name"],
  ])("of %j is %j: %s", (text, expected) => {
    expect(labels(text)).toEqual(expected);
  });
  it("reads a condition without braces", () => {
    expect(labels('region == "x" and dep^', [], "condition")).toEqual([]);
    expect(labels('region == "x" and dep^', ["steps", 1], "condition")).toEqual(["deploy-it"]);
  });
  it("says what it replaces", () => {
    const found = complete("a ${region} b", 6, SCOPES, []);
    expect([found?.from, found?.to]).toEqual([4, 10]);
    expect(found?.options[0]).toEqual({
      label: "region",
      insert: "region",
      detail: "parameter · text",
    });
    expect(complete("a $", 3, SCOPES, [])?.options[0]?.insert).toBe("${region}");
  });
});
