import { describe, expect, it } from "vitest";

import { type Field, objection, shown, texts, values } from "./form";

const field = (changes: Partial<Field>): Field => ({ name: "x", type: "string", ...changes });

describe("objection", () => {
  it.each([
    [{ type: "integer" }, "3.5", "This has to be a whole number."],
    [{ type: "integer", min: 1 }, "0", "This has to be 1 or more."],
    [{ type: "number", max: 1 }, "1.5", "This has to be 1 or less."],
    [{ type: "number" }, "  ", "This has to be a number."],
    [{ type: "list" }, '{"a": 1}', 'This has to be a list, such as ["a", "b"].'],
    [{ type: "map" }, "[1]", 'This has to be a map, such as {"a": 1}.'],
    [{ required: true }, "", "This is needed."],
    [{ required: true, default: "a" }, "", ""],
    [{ pattern: "OPS-[0-9]+" }, "ops-1", "This has to look like OPS-[0-9]+"],
    [{ pattern: "OPS-[0-9]+" }, "OPS-17", ""],
    [{ pattern: "(?P<python>x" }, "left to the server", ""],
    [{ type: "integer" }, "-12", ""],
    [{ type: "map" }, '{"a": [1]}', ""],
  ])("of %o for %j is %j", (changes, text, said) => {
    expect(objection(field(changes), text)).toBe(said);
  });
});

describe("values", () => {
  it("have the declared types", () => {
    const fields = [
      field({ name: "count", type: "integer" }),
      field({ name: "share", type: "number" }),
      field({ name: "sure", type: "boolean" }),
      field({ name: "hosts", type: "list" }),
      field({ name: "note" }),
    ];
    const given = { count: "3", share: "0.5", sure: "false", hosts: '["a"]', note: "<b>3</b>" };
    expect(values(fields, given)).toEqual({
      count: 3,
      share: 0.5,
      sure: false,
      hosts: ["a"],
      note: "<b>3</b>",
    });
  });

  it("leave out what is as the playbook has it", () => {
    const fields = [field({ default: "staging" }), field({ name: "y" })];
    expect(values(fields, { x: "staging", y: "" })).toEqual({});
  });

  it("can empty a text that has a default", () => {
    expect(values([field({ default: "staging" })], { x: "" })).toEqual({ x: "" });
  });

  it("keep the digits of a large number", () => {
    expect(values([field({ type: "integer" })], { x: "12345678901234567890" })).toEqual({
      x: "12345678901234567890",
    });
  });
});

describe("texts", () => {
  it("begin with what is given, then the default, and never with a secret", () => {
    const fields = [
      field({ name: "a", default: 1 }),
      field({ name: "b", default: "two" }),
      field({ name: "c", default: "hidden", secret: true }),
    ];
    expect(texts(fields, { a: 5 })).toEqual({ a: "5", b: "two", c: "" });
  });

  it("show what is no text as JSON", () => {
    expect(shown(["a", 1])).toBe('["a",1]');
  });
});
