import { describe, expect, it } from "vitest";

import { EditError } from "./edits";
import { formAt, fromYaml, recordFields, toYaml } from "./forms";
import { resolve } from "./grammar";
import { grammar } from "./testing/grammar";

const TEXT = `steps:
  - name: deploy
    type: deployment
    command: ./deploy
    retry: 3
    surprise: 1
    locks: [database, {name: other, wait: 10s}]
    env: [1]
  - type: foreach
    items: \${regions}
    as: region
    steps: []
  - type: approval
    message: Go on?
    inputs: [{name: window, choices: [now, night]}]
`;

const fieldAt = (path: (string | number)[], key: string) => {
  const field = formAt(TEXT, path, grammar).fields.find((one) => one.key === key);
  if (field === undefined) throw new Error(`no field ${key}`);
  return field;
};

describe("formAt", () => {
  it("has every key that the schema has, but lists of steps", () => {
    for (const kind of [...grammar.kinds, grammar.playbook, grammar.branch]) {
      const text = kind === grammar.playbook ? "" : `steps: [{type: ${kind.kind}}]`;
      const branch = kind === grammar.branch;
      const path = branch ? ["branches", 0] : kind === grammar.playbook ? [] : ["steps", 0];
      const keys = formAt(branch ? "branches: [{}]" : text, path, grammar).fields.map(
        (one) => one.key,
      );
      const lists = kind.lists.map((one) => one.key);
      expect([...keys, ...lists].sort()).toEqual([...kind.keys].sort());
    }
  });
  it.each([
    ["name", "text", "none"],
    ["command", "text", "template"],
    ["shell", "lines", "template"],
    ["when", "condition", "condition"],
    ["timeout", "duration", "template"],
    ["idempotent", "boolean", "none"],
    ["compensate_on", "choice", "none"],
    ["needs", "list", "template"],
    ["retry", "record", "template"],
    ["locks", "records", "template"],
    ["outputs", "map", "template"],
    ["description", "text", "none"],
    ["resources", "map", "template"],
  ])("takes %s as %s, expressions: %s", (key, widget, expressions) => {
    const field = fieldAt(["steps", 0], key);
    expect([field.widget, field.expressions]).toEqual([widget, expressions]);
  });
  it("says what a step is and needs", () => {
    const form = formAt(TEXT, ["steps", 0], grammar);
    expect([form.kind, form.oneOf, form.unknown]).toEqual(
      ["command", ["command", "shell", "script"], ["surprise"]],
    ); // prettier-ignore
    expect(form.fields.slice(0, 3).map((one) => one.key)).toEqual(["name", "type", "command"]);
    expect(fieldAt(["steps", 1], "as").required).toBe(true);
    expect(fieldAt(["steps", 1], "items").widget).toBe("yaml");
    expect(fieldAt(["steps", 0], "compensate_on").choices).toEqual(["success", "start"]);
    expect(fieldAt(["steps", 2], "on_timeout").needs).toEqual(["timeout"]);
    expect(fieldAt(["steps", 0], "timeout").help).toBe(
      "For each attempt of a call; for all of a step that contains steps.",
    );
  });
  it("knows what is written", () => {
    const retry = fieldAt(["steps", 0], "retry");
    expect([retry.value, retry.given, retry.short]).toEqual([3, true, true]);
    expect(retry.fields.map((one) => one.key)).toContain("backoff");
    expect(retry.fields[0]?.path).toEqual(["steps", 0, "retry", "attempts"]);
    expect(fieldAt(["steps", 0], "workdir").given).toBe(false);
  });
  it("shows what does not fit as YAML", () => {
    expect(fieldAt(["steps", 0], "env").widget).toBe("yaml");
  });
  it("knows the fields of each record of a list", () => {
    const [name, , wait] = recordFields(fieldAt(["steps", 0], "locks"), 1);
    expect([name?.path, name?.value]).toEqual([["steps", 0, "locks", 1, "name"], "other"]);
    expect([wait?.widget, wait?.value]).toEqual(["duration", "10s"]);
    const inputs = recordFields(fieldAt(["steps", 2], "inputs"), 0);
    expect(inputs.find((one) => one.key === "type")?.choices).toContain("integer");
  });
});

describe("toYaml and fromYaml", () => {
  it.each([[{ a: [1, { b: "x: y" }] }], ["text"], [3], [null], [[]], ["two\nlines\n"], [true]])(
    "%j comes back",
    (value) => {
      expect(fromYaml(toYaml(value))).toEqual(value);
    },
  );
  it("refuse what is no YAML", () => {
    expect(() => fromYaml("a: [")).toThrow(EditError);
  });
});

describe("resolve", () => {
  it("follows a reference of a reference", () => {
    const ref = { $ref: "#/definitions/transaction-step/properties/timeout" };
    expect(resolve(grammar.schema, ref).type).toEqual(["number", "string"]);
  });
});
