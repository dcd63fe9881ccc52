/** Where expressions name a step, in the text of a playbook. */

import { isMap, isNode, isScalar, type Node, type Scalar, visit } from "yaml";

import { keyText, type Source } from "./source";

/** From one offset of the text to another. */
export type Span = readonly [from: number, to: number];

/** Keys whose whole text is an expression, with or without braces. */
const CONDITIONS = new Set(["condition", "when", "until", "filter"]);
const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z_0-9]+)*/g;
const CHAIN = /[A-Za-z_][A-Za-z0-9_-]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_-]*|\[[^\]]*\])*/g;

/**
 * The places in expressions that name a step: those that begin with its name, and those that lead
 * to it through what it stands in (`spread.left.deploy`).
 */
export function mentions(
  source: Source,
  name: string,
  around: ReadonlySet<string>,
): readonly Span[] {
  const found: Span[] = [];
  visit(source.document, {
    Pair(_, pair) {
      if (!isScalar(pair.value) || typeof pair.value.value !== "string") return undefined;
      found.push(...mentionsIn(source, pair.value, CONDITIONS.has(keyText(pair)), name, around));
      return visit.SKIP;
    },
    Scalar(key, scalar) {
      if (key !== "key") found.push(...mentionsIn(source, scalar, false, name, around));
    },
  });
  return found;
}

function mentionsIn(
  source: Source,
  scalar: Scalar,
  condition: boolean,
  name: string,
  around: ReadonlySet<string>,
): readonly Span[] {
  const [start, end] = scalar.range ?? [0, 0, 0];
  const written = source.text.slice(start, end);
  const spans = condition ? [[0, written.length] as Span] : braces(written);
  return spans.flatMap(([from, to]) =>
    inExpression(written.slice(from, to), name, around).map(([first, last]): Span => [
      start + from + first,
      start + from + last,
    ]),
  );
}

/** What stands in `${…}`; `$${` is no expression. */
function braces(text: string): readonly Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf("${"); at >= 0; at = text.indexOf("${", at + 2)) {
    if (text.charAt(at - 1) === "$") continue;
    const close = closing(text, at + 2);
    if (close < 0) break;
    found.push([at + 2, close]);
  }
  return found;
}

/** Where an expression's closing brace is; braces in quotes and of maps are not it. */
export function closing(text: string, from: number): number {
  let depth = 0;
  let quote = "";
  for (let at = from; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (quote !== "") {
      if (sign === "\\") at += 1;
      else if (sign === quote) quote = "";
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "{") depth += 1;
    else if (sign === "}") {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

/** Where a chain of fields names something: at its beginning, or after one of those around it. */
function inExpression(
  expression: string,
  name: string,
  around: ReadonlySet<string>,
): readonly Span[] {
  const found: Span[] = [];
  for (const chain of unquoted(expression).matchAll(CHAIN)) {
    if (expression.slice(0, chain.index).trimEnd().endsWith("|")) continue;
    const words = [...chain[0].matchAll(WORD)];
    const head = words[0]?.[0] ?? "";
    for (const [index, word] of words.entries()) {
      if (!isNamed(word[0], name) || (index > 0 && !around.has(head))) continue;
      const from = chain.index + word.index;
      found.push([from, from + word[0].length]);
      break;
    }
  }
  return found;
}

/** `run_tests` names the step `run-tests` too. */
function isNamed(word: string, name: string): boolean {
  return word === name || word === name.replaceAll("-", "_");
}

/** The expression with blanks in the place of quoted text. */
function unquoted(expression: string): string {
  const blank = (text: string) => " ".repeat(text.length);
  return expression.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, blank);
}

/** How often something is called so: steps, parameters, variables, secrets, loop variables. */
export function declarations(source: Source, name: string): number {
  let count = 0;
  visit(source.document, {
    Map(key, map) {
      if (key === "value" || key === null) return;
      if (scalarText(map.get("name", true)) === name) count += 1;
    },
    Pair(_, pair) {
      const key = keyText(pair);
      if (key === "as" && isNode(pair.value) && scalarText(pair.value) === name) count += 1;
      if (key === "variables" && isMap(pair.value) && pair.value.has(name)) count += 1;
    },
  });
  return count;
}

function scalarText(node: Node | undefined | null): unknown {
  return isScalar(node) ? node.value : undefined;
}
