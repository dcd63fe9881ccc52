import { describe, expect, it } from "vitest";

import { commandEntries, kindEntries, searched, stepOf } from "./palette";
import { grammar } from "./testing/grammar";

const kinds = kindEntries(grammar);
const commands = commandEntries([
  { name: "/infra", origin: "commands/infra", read_only: false },
  { name: "/test", origin: "built-in", read_only: true },
]);
const titles = (query: string) => searched([...kinds, ...commands], query).map((one) => one.title);

describe("palette", () => {
  it("has every kind that the schema has", () => {
    const named = new Set(kinds.map((one) => one.kind));
    expect([...named].sort()).toEqual(grammar.kinds.map((one) => one.kind).sort());
    expect(kinds.every((one) => one.description !== "")).toBe(true);
    expect(kinds.find((one) => one.title === "Shell")?.description).toBe(
      "Text for /bin/sh; each expression reaches it as one value.",
    );
  });
  it("is searched by all words; what begins so comes first", () => {
    expect(titles("wait")[0]).toBe("Wait a while");
    expect(titles("wait event")).toEqual(["Wait for an event"]);
    expect(titles("infra")).toEqual(["/infra"]);
    expect(titles("built-in reads")).toEqual(["/test"]);
    expect(titles("nothing of the kind")).toEqual([]);
  });
  it("names a command's step after it, and differently where that is taken", () => {
    const [infra] = commands;
    if (infra === undefined) throw new Error("no command");
    expect(stepOf(infra, new Set())).toEqual({ name: "infra", command: "/infra" });
    expect(stepOf(infra, new Set(["infra", "infra-2"]))).toEqual({
      name: "infra-3",
      command: "/infra",
    });
  });
  it("lets a wait look at its own result, whatever it is called", () => {
    const until = kinds.find((one) => one.title === "Wait until");
    if (until === undefined) throw new Error("no wait");
    expect(stepOf(until, new Set(["ready"])).until).toBe("ready-2.success");
  });
});
