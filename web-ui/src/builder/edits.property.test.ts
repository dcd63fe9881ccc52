/** Random edits on real playbooks: nothing that is not concerned is lost, whatever is done. */

import { describe, expect, it } from "vitest";
import { Lexer } from "yaml";

import { type Block, blockOf, isInBlock, moveSteps, pathsIn, removeSteps } from "./blocks";
import { copiedText, duplicateSteps, pasteSteps } from "./clipboard";
import { EditError, insertStep, setField } from "./edits";
import { outline, type StepList, type StepNode, walk } from "./outline";
import { copied, put, putItem, same } from "./plain";
import { unwrapStep, wrappers, wrapSteps } from "./reshape";
import { read, valueAt } from "./source";
import { grammar } from "./testing/grammar";
import { randomFrom } from "./testing/random";

const files = import.meta.glob<string>(
  ["../../../examples/*/playbooks/*.yaml", "../../../src/orchestrate/library/playbooks/*.yaml"],
  { query: "?raw", import: "default", eager: true },
);

const COMMENTED = `# a playbook in many styles
name: styles   # its name
tags: [a,  b]  # in one line
parameters:
- {name: region, choices: [eu, us]}   # one
# two
- name: count
  type: integer   # a number

steps:
# the first
- name: one
  # what it does
  command: "echo  \${region}"   # quoted
  env: {A: "1",  # inside of a line
        B: '2'}
  # at the end of one

# the second
- name: two
  type: parallel
  branches:
    # left
    - name: left
      steps: [{command: a}, {command: b}]  # flow
    - name: right
      steps:
        - shell: |
            echo "# no comment"

            echo more
          # after the text
        - script: >-
            folded
            text # no comment either
  on_failure:
    - {command: tell}  # somebody
- name: three
  type: conditional
  condition: count > 1   # many
  then:
    - command: c
    # nothing follows

# the last
- {name: four, command: d}

# at the very end
finally:
# before it
- command: e # last
# after all
`;

const comments = (text: string): readonly string[] =>
  [...new Lexer().lex(text)].filter((token) => token.startsWith("#")).sort();

/** What of one list is not in the other, each counted as often as it is there. */
function missing(before: readonly string[], after: readonly string[]): readonly string[] {
  const rest = [...after];
  return before.filter((one) => {
    const at = rest.indexOf(one);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

const allLists = (lists: readonly StepList[]): readonly StepList[] =>
  lists.flatMap((list) => [list, ...list.steps.flatMap((step) => allLists(step.lists))]);

interface Tried {
  readonly text: string;
  readonly said: string;
  /** What the plain value has become, where that is easily said. */
  readonly wanted?: unknown;
  /** Comments may go with what is taken away. */
  readonly loses: boolean;
}

function attempt(text: string, random: (limit: number) => number): Tried | null {
  const found = outline(text, grammar);
  const steps = [...walk(found.lists)];
  const step = steps[random(steps.length)];
  const lists = allLists(found.lists);
  const fitting = lists.filter((list) => (list.of === "branch") === (step?.kind === "branch"));
  const list = fitting[random(fitting.length)];
  if (step === undefined || list === undefined) return null;
  const root = copied(read(text).value);
  return tried(text, root, step, list, random);
}

function tried(
  text: string,
  root: unknown,
  step: StepNode,
  list: StepList,
  random: (limit: number) => number,
): Tried | null {
  const { path } = step;
  const at = random(list.steps.length + 1);
  const siblings = valueAt(root, path.slice(0, -1)) as readonly unknown[];
  const block = blockOf(path, [...path.slice(0, -1), random(siblings.length)]);
  const several = valuesOf(root, block);
  const said = `${block.count} at ${block.path.join("/")} → ${list.path.join("/")} ${at}`;
  switch (random(8)) {
    case 0: {
      if (isInBlock(list.path, block)) return null;
      const values = count(root);
      const edited = moveSteps(text, block, list.path, at, grammar);
      expect(same(valuesOf(read(edited.text).value, edited), several), said).toBe(true);
      expect(count(read(edited.text).value) - values, said).toBeGreaterThanOrEqual(-1);
      return { text: edited.text, said: `move ${said}`, loses: false };
    }
    case 1: {
      const edited = removeSteps(text, block, grammar);
      return { text: edited.text, said: `remove ${said}`, loses: true };
    }
    case 2: {
      const added =
        list.of === "branch"
          ? { steps: [{ command: "new" }] }
          : { command: "new", retry: { attempts: 2 } };
      putItem(root, list.path, at, added);
      const edited = insertStep(text, list.path, at, added, grammar);
      return { text: edited.text, said: `insert ${said}`, wanted: root, loses: false };
    }
    case 3: {
      const values = [
        "x # y",
        "a: b",
        "two\nlines",
        "",
        "yes",
        5,
        true,
        { a: [1, "b"] },
        ["a", "b"],
      ];
      const value = values[random(values.length)];
      const key = ["description", "retry", "env", "timeout", "command"][random(5)] ?? "";
      put(root, [...path, key], copied(value));
      const loses = typeof valueAt(read(text).value, [...path, key]) === "object";
      return {
        text: setField(text, [...path, key], value, grammar),
        said: `set ${said} ${key}`,
        wanted: root,
        loses,
      };
    }
    case 4: {
      const key = Object.keys(valueAt(root, path) as object)[random(3)];
      if (key === undefined || step.lists.some((one) => one.key === key)) return null;
      put(root, [...path, key], undefined);
      return {
        text: setField(text, [...path, key], undefined, grammar),
        said: `unset ${said} ${key}`,
        wanted: root,
        loses: true,
      };
    }
    case 5: {
      if (step.kind === "branch") return null;
      const kind = wrappers(grammar)[random(4)] ?? "";
      const edited = wrapSteps(text, block, kind, grammar);
      const back = unwrapStep(edited.text, block.path, grammar).text;
      expect(same(read(back).value, root), `unwrap ${said}`).toBe(true);
      return { text: edited.text, said: `wrap ${said} ${kind}`, loses: false };
    }
    case 6: {
      const among = list.of === "branch";
      // What says neither a type nor a call any more is taken for a branch, where it holds steps.
      const whole =
        among || several.every((one) => /"(type|command|shell|script)":/.test(own(one)));
      if (isInBlock(list.path, block) || among !== (step.kind === "branch") || !whole) return null;
      const copy = copiedText(text, block);
      expect(same(read(copy).value, several), `copy ${said}`).toBe(true);
      const edited = pasteSteps(text, list.path, at, copy, grammar);
      const there = valuesOf(read(edited.text).value, edited);
      expect(same(unnamed(there), unnamed(several)), `paste ${said}`).toBe(true);
      return { text: edited.text, said: `paste ${said}`, loses: false };
    }
    default: {
      const edited = duplicateSteps(text, block, grammar);
      const there = valuesOf(read(edited.text).value, edited);
      expect(same(unnamed(there), unnamed(several)), `duplicate ${said}`).toBe(true);
      return { text: edited.text, said: `duplicate ${said}`, loses: false };
    }
  }
}

function valuesOf(root: unknown, block: Block): readonly unknown[] {
  return pathsIn(block).map((path) => valueAt(root, path));
}

/** The keys of a step, without what is deeper in it. */
function own(step: unknown): string {
  return JSON.stringify(step, (key, value: unknown) => (key === "" ? value : 0));
}

/** What is put beside others may be called differently then. */
function unnamed(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => ({ ...(value as object), name: "" }));
}

/** How many values a tree has. */
function count(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, one) => sum + count(one), 1);
}

const named = Object.entries(files)
  .map(([file, text]): [string, string] => [file.split("/").slice(-1)[0] ?? file, text])
  .filter(([, text]) => text.length < 20_000);

const ROUNDS = 4;
/** Milliseconds that a busy machine may take. */
const PATIENCE = 300_000;

describe("random edits", () => {
  it.each([["styles", COMMENTED] as [string, string], ...named])(
    "of %s keep the rest",
    (_, original) => {
      const random = randomFrom(original.length);
      for (let round = 0; round < ROUNDS; round += 1) {
        let text = original;
        for (let turn = 0; turn < 6; turn += 1) {
          const edited = attemptOrRefusal(text, random);
          if (edited === null) continue;
          const found = read(edited.text);
          expect(found.problem, edited.said).toBeNull();
          if (edited.wanted !== undefined) expect(found.value, edited.said).toEqual(edited.wanted);
          if (!edited.loses)
            expect(missing(comments(text), comments(edited.text)), edited.said).toEqual([]);
          text = edited.text;
        }
      }
    },
    PATIENCE,
  );
});

function attemptOrRefusal(text: string, random: (limit: number) => number): Tried | null {
  try {
    return attempt(text, random);
  } catch (refused) {
    if (!(refused instanceof EditError)) throw refused;
    // Without anchors there is nothing that lines and tree cannot do.
    if (!/[&*]\w/.test(text)) expect(refused.message).not.toContain("anchor");
    return null;
  }
}
