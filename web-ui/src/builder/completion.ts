/** What fits at the caret of an expression: names in scope, their fields, filters and tests. */

import { closing } from "./names";
import { isWithin, type Path } from "./source";

/** A name, or a field of one, as the checker knows it. */
export interface KnownName {
  readonly name: string;
  /** `step`, `parameter`, `variable`, `loop variable`, `built-in`, `secret`, `branch`, `field`. */
  readonly kind: string;
  /** `text`, `integer`, `number`, `boolean`, `list`, `map`, `null`, or `any`. */
  readonly type: string;
  readonly description?: string;
  readonly fields?: readonly KnownName[];
}

/** A filter, test or function, and what it takes. */
export interface KnownWord {
  readonly name: string;
  readonly signature: string;
}

/**
 * What `POST /check` says of names: each frame adds some to those of its parent, and hides those of
 * the same name; each place has a frame.
 */
export interface Scopes {
  readonly frames: readonly {
    readonly parent: number | null;
    readonly names: readonly KnownName[];
  }[];
  readonly places: readonly { readonly path: Path; readonly frame: number }[];
  readonly filters: readonly KnownWord[];
  readonly tests: readonly KnownWord[];
  readonly functions: readonly KnownWord[];
}

export interface Option {
  readonly label: string;
  readonly insert: string;
  readonly detail: string;
}

/** The options, and what of the text each of them replaces. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly options: readonly Option[];
}

/** How a text is read: `condition` is an expression as a whole, `template` holds some in braces. */
export type Reading = "template" | "condition";

const MOST = 200;
const WORDS = ["and", "or", "not", "in", "is", "if", "else", "true", "false", "null"];

/** The names in scope at a path, innermost first; none for a place that nothing is known about. */
export function namesAt(scopes: Scopes, path: Path): readonly KnownName[] {
  let place: Scopes["places"][number] | undefined;
  for (const one of scopes.places) {
    if (isWithin(path, one.path) && one.path.length >= (place?.path.length ?? 0)) place = one;
  }
  const found = new Map<string, KnownName>();
  let frame = place === undefined ? undefined : scopes.frames[place.frame];
  while (frame !== undefined) {
    for (const name of frame.names) if (!found.has(name.name)) found.set(name.name, name);
    frame = frame.parent === null ? undefined : scopes.frames[frame.parent];
  }
  return [...found.values()];
}

/** What fits at the caret; null where no expression is being written. */
export function complete(
  text: string,
  caret: number,
  scopes: Scopes,
  path: Path,
  reading: Reading = "template",
): Completion | null {
  const opening = openBrace(text, caret);
  if (opening === null && reading === "template") return dollar(text, caret, namesAt(scopes, path));
  const before = text.slice(opening ?? 0, caret);
  if (isQuoted(before)) return null;
  const word = /[A-Za-z_][\w-]*$/.exec(before)?.[0] ?? "";
  const lead = before.slice(0, before.length - word.length);
  if (word === "" && /[\w\])"']\s*$/.test(lead) && !/\b(and|or|not|in|is|if|else)\s+$/.test(lead)) {
    return null;
  }
  const rest = /^[\w-]*/.exec(text.slice(caret))?.[0] ?? "";
  const options = ranked(optionsFor(lead, scopes, path), word);
  return { from: caret - word.length, to: caret + rest.length, options };
}

function optionsFor(lead: string, scopes: Scopes, path: Path): readonly Option[] {
  const chain = /([A-Za-z_][\w-]*(?:\s*\.\s*[A-Za-z_][\w-]*|\[[^\]]*\])*)\s*\.\s*$/.exec(lead)?.[1];
  if (chain !== undefined) return fieldsOf(chain, namesAt(scopes, path)).map(option);
  if (/\|\s*$/.test(lead)) return scopes.filters.map(wordOption);
  if (/\bis\s+(?:not\s+)?$/.test(lead)) return scopes.tests.map(wordOption);
  const names = namesAt(scopes, path).filter((one) => /^[A-Za-z_][\w-]*$/.test(one.name));
  const words = WORDS.map((word) => ({ label: word, insert: word, detail: "" }));
  return [...names.map(option), ...scopes.functions.map(wordOption), ...words];
}

function option(name: KnownName): Option {
  const type = name.type === "any" ? "" : name.type;
  const kind = name.kind === "field" ? "" : name.kind;
  const said = [kind, type, name.description ?? ""].filter(Boolean).join(" · ");
  return { label: name.name, insert: name.name, detail: said };
}

function wordOption(word: KnownWord): Option {
  return { label: word.name, insert: word.name, detail: word.signature };
}

/** What can follow `spread.left.` or `loop.results[0].`. */
function fieldsOf(chain: string, names: readonly KnownName[]): readonly KnownName[] {
  let among = names;
  for (const part of chain.matchAll(/[A-Za-z_][\w-]*|\[[^\]]*\]/g)) {
    const wanted = part[0].startsWith("[") ? "[]" : part[0].replaceAll("-", "_");
    const found = among.find((one) => one.name.replaceAll("-", "_") === wanted);
    if (found === undefined) return [];
    among = found.fields ?? [];
  }
  return among.filter((one) => one.name !== "[]");
}

/** Those that begin with what is typed, then those that hold it. */
function ranked(options: readonly Option[], word: string): readonly Option[] {
  const typed = word.toLowerCase();
  const begins = options.filter((one) => one.label.toLowerCase().startsWith(typed));
  const holds = options.filter(
    (one) => !begins.includes(one) && one.label.toLowerCase().includes(typed),
  );
  return [...begins, ...holds].slice(0, MOST);
}

/** Right after a `$`: names, each in its braces. */
function dollar(text: string, caret: number, names: readonly KnownName[]): Completion | null {
  if (text.charAt(caret - 1) !== "$" || text.charAt(caret - 2) === "$") return null;
  const options = names.map((one) => ({ ...option(one), insert: `\${${one.name}}` }));
  return { from: caret - 1, to: caret, options: options.slice(0, MOST) };
}

/** Where the expression that the caret is in begins, if it is in one. */
function openBrace(text: string, caret: number): number | null {
  let found: number | null = null;
  for (let at = text.indexOf("${"); at >= 0 && at + 2 <= caret; at = text.indexOf("${", at + 2)) {
    if (text.charAt(at - 1) === "$") continue;
    const close = closing(text, at + 2);
    found = close < 0 || close >= caret ? at + 2 : null;
  }
  return found;
}

function isQuoted(before: string): boolean {
  let quote = "";
  for (let at = 0; at < before.length; at += 1) {
    const sign = before.charAt(at);
    if (quote !== "" && sign === "\\") at += 1;
    else if (sign === quote) quote = "";
    else if (quote === "" && (sign === '"' || sign === "'")) quote = sign;
  }
  return quote !== "";
}
