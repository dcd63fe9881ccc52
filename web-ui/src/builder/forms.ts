/** What can be said about a step, a branch, or the playbook: a form, read from the JSON Schema. */

import { parseDocument } from "yaml";

import { EditError, type Fields } from "./edits";
import { type Grammar, grammarAt, type KindGrammar, resolve, type Schema } from "./grammar";
import { block, inFlow } from "./rendering";
import { type Path, read, valueAt } from "./source";

/**
 * How a value is entered. `list`: texts; `map`: names with values; `record`: fields of its own;
 * `records`: a list of these; `yaml`: whatever it is, as text.
 */
export type Widget =
  | "text" | "lines" | "number" | "boolean" | "choice" | "duration" | "condition"
  | "list" | "map" | "record" | "records" | "yaml"; // prettier-ignore

export interface FormField {
  readonly key: string;
  /** Where its value is in the document. */
  readonly path: Path;
  readonly widget: Widget;
  /** What the schema says that it is. */
  readonly help: string;
  readonly required: boolean;
  /** Only this kind has it. */
  readonly own: boolean;
  /** Whether `${…}` may stand in it, or (in a condition) names without braces. */
  readonly expressions: "none" | "template" | "condition";
  readonly choices: readonly string[];
  readonly pattern: string | null;
  /** What to say of a value that the pattern does not fit. */
  readonly objection: string;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Of a record: its fields; of records: those of each, with paths that begin at the record. */
  readonly fields: readonly FormField[];
  /** One text may stand for it as well: `retry: 3`, `locks: [database]`, `needs: build`. */
  readonly short: boolean;
  /** Keys without which it means nothing. */
  readonly needs: readonly string[];
  readonly value: unknown;
  readonly given: boolean;
}

export interface Form {
  readonly kind: string;
  readonly description: string;
  readonly path: Path;
  readonly fields: readonly FormField[];
  /** Keys of which exactly one is needed, such as `command`, `shell`, `script`. */
  readonly oneOf: readonly string[];
  /** Keys that are written there and unknown to the schema. */
  readonly unknown: readonly string[];
}

/** The form of what is at a path of a text: a step, a branch, or (with `[]`) the playbook. */
export function formAt(text: string, path: Path, grammar: Grammar): Form {
  const source = read(text);
  const found = valueAt(source.value, path);
  const value = isRecord(found) ? found : {};
  const kind = grammarAt(grammar, path, value);
  const properties = kind.schema.properties ?? {};
  const held = new Set(kind.lists.map((one) => one.key));
  const keys = kind.keys.filter((key) => !held.has(key) && isMeant(grammar, kind, key, value));
  const leading = ["name", "type"].filter((key) => keys.includes(key));
  const ordered = [...leading, ...keys.filter((key) => !leading.includes(key))];
  const fields = ordered.map((key) =>
    fieldOf(grammar.schema, properties[key] ?? {}, kind, [...path, key], value),
  );
  const unknown = Object.keys(value).filter((key) => !kind.keys.includes(key));
  const oneOf = alternatives(kind.schema);
  return { kind: kind.kind, description: kind.description, path, fields, oneOf, unknown };
}

/** What one record of a list may have: for a new one, or to show one that is there. */
export function recordFields(field: FormField, index: number): readonly FormField[] {
  return moved(field.fields, [...field.path, index], valueAt(field.value, [index]));
}

function moved(fields: readonly FormField[], path: Path, holder: unknown): readonly FormField[] {
  return fields.map((field) => {
    const at = [...path, field.key];
    const value = isRecord(holder) ? holder[field.key] : undefined;
    const given = isRecord(holder) && field.key in holder;
    const widget = given && !fits(field.widget, value, field.short) ? "yaml" : field.widget;
    return { ...field, path: at, value, given, widget, fields: moved(field.fields, at, value) };
  });
}

/** The value that a YAML text stands for. */
export function fromYaml(text: string): unknown {
  const document = parseDocument(text, { logLevel: "silent" });
  const error = document.errors[0];
  if (error !== undefined) {
    throw new EditError(`This is no YAML: ${error.message.split("\n", 1)[0] ?? ""}`);
  }
  return document.toJS();
}

/** A value as YAML text; nothing for no value. */
export function toYaml(value: unknown): string {
  if (value === undefined) return "";
  const nested = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  return nested ? block(value).join("\n") : inFlow(value);
}

/** Some keys belong to one type of record only, which the schema says by conditions. */
function isMeant(grammar: Grammar, kind: KindGrammar, key: string, value: Fields): boolean {
  if (key in value) return true;
  return allowed(grammar.schema, kind.schema, value)?.has(key) ?? true;
}

/** The keys that the schema's conditions allow for a value of its type, if there are such. */
export function allowed(root: Schema, schema: Schema, value: Fields): ReadonlySet<string> | null {
  for (const one of resolve(root, schema).allOf ?? []) {
    const constant = one.if?.properties?.type?.const;
    if (constant === undefined || constant !== value.type) continue;
    const names = one.then?.propertyNames?.enum;
    if (names !== undefined) return new Set(names.map(String));
  }
  return null;
}

function fieldOf(
  root: Schema,
  property: Schema,
  kind: KindGrammar,
  path: Path,
  holder: Fields,
): FormField {
  const key = String(path.at(-1));
  const required = kind.required.includes(key);
  const own = kind.own.includes(key);
  const needs = kind.schema.dependencies?.[key] ?? [];
  return described(root, property, path, holder, { required, own, needs });
}

interface Standing {
  readonly required: boolean;
  readonly own: boolean;
  readonly needs: readonly string[];
}

function described(
  root: Schema,
  property: Schema,
  path: Path,
  holder: Fields,
  standing: Standing,
): FormField {
  const key = String(path.at(-1));
  const schema = resolve(root, property);
  const shape = shapeOf(root, schema, key);
  const given = key in holder;
  const value = holder[key];
  const inner = shape.record === null ? [] : innerFields(root, shape.record, path, value);
  return {
    key,
    path,
    widget: given && !fits(shape.widget, value, shape.short) ? "yaml" : shape.widget,
    help: schema.description ?? "",
    ...standing,
    expressions: expressionsIn(shape, key),
    choices: (shape.schema.enum ?? []).map(String),
    pattern: shape.schema.pattern ?? null,
    objection: shape.schema.patternErrorMessage ?? "",
    minimum: shape.schema.minimum ?? null,
    maximum: shape.schema.maximum ?? null,
    fields: inner,
    short: shape.short,
    value,
    given,
  };
}

function innerFields(
  root: Schema,
  record: Schema,
  path: Path,
  value: unknown,
): readonly FormField[] {
  const holder = isRecord(value) ? value : {};
  return Object.entries(record.properties ?? {}).map(([key, property]) =>
    described(root, property, [...path, key], holder, {
      required: record.required?.includes(key) ?? false,
      own: true,
      needs: record.dependencies?.[key] ?? [],
    }),
  );
}

interface Shape {
  readonly widget: Widget;
  /** What says how the value looks. */
  readonly schema: Schema;
  readonly record: Schema | null;
  readonly short: boolean;
}

/** Texts that mostly have several lines. */
const LONG = new Set(["shell", "script", "text"]);
/** Texts for people, in which nothing is replaced. */
const SPOKEN = new Set(["description", "version", "category"]);

function shapeOf(root: Schema, schema: Schema, key: string): Shape {
  const ways = (schema.oneOf ?? schema.anyOf ?? []).map((one) => resolve(root, one));
  if (ways.length > 0) {
    const main = ways.find((one) => one.type === "object" || one.type === "array");
    const short = ways.some((one) => one !== main);
    if (main !== undefined) return { ...shapeOf(root, main, key), short };
    return { widget: "text", schema, record: null, short: false };
  }
  const plain = { schema, record: null, short: false };
  const types = typesOf(schema);
  if (schema.enum !== undefined) return { ...plain, widget: "choice" };
  if (types.includes("array"))
    return types.length > 1 ? { ...plain, widget: "yaml" } : listShape(root, schema);
  if (types.includes("object")) return objectShape(schema);
  if (types.length === 0) return { ...plain, widget: "yaml" };
  if (types.length === 1 && types[0] === "boolean") return { ...plain, widget: "boolean" };
  if (types.includes("boolean"))
    return { ...plain, widget: types.length === 2 ? "condition" : "text" };
  if (schema.pattern?.includes("ms|s|m|h|d") === true) return { ...plain, widget: "duration" };
  if (!types.includes("string") || schema.minimum !== undefined)
    return { ...plain, widget: "number" };
  return { ...plain, widget: LONG.has(key) ? "lines" : "text" };
}

function listShape(root: Schema, schema: Schema): Shape {
  const item = resolve(root, schema.items ?? {});
  const ways = (item.oneOf ?? item.anyOf ?? [item]).map((one) => resolve(root, one));
  const record = ways.find((one) => one.properties !== undefined);
  if (record !== undefined) return { widget: "records", schema, record, short: ways.length > 1 };
  const scalar = typesOf(item).length > 0 && !typesOf(item).includes("object");
  return { widget: scalar ? "list" : "yaml", schema, record: null, short: false };
}

function objectShape(schema: Schema): Shape {
  const plain = { schema, short: false };
  if (schema.properties === undefined) return { ...plain, widget: "map", record: null };
  return { ...plain, widget: "record", record: schema };
}

function typesOf(schema: Schema): readonly string[] {
  const { type } = schema;
  if (type === undefined) return [];
  return typeof type === "string" ? [type] : type;
}

function expressionsIn({ widget, schema }: Shape, key: string): FormField["expressions"] {
  if (widget === "condition") return "condition";
  if (widget === "boolean" || widget === "choice" || SPOKEN.has(key)) return "none";
  if (widget !== "text") return "template";
  const types = typesOf(schema);
  const fixed =
    schema.pattern?.includes("(?!") === true || schema.pattern?.includes("A-Za-z_") === true;
  return fixed || (types.length === 1 && schema.pattern === undefined) ? "none" : "template";
}

/** Whether a value that is there can be entered so; else it is shown as YAML. */
function fits(widget: Widget, value: unknown, short: boolean): boolean {
  if (value === null || widget === "yaml") return true;
  if (short && typeof value !== "object") return true;
  switch (widget) {
    case "list":
      return Array.isArray(value) && value.every((one) => typeof one !== "object");
    case "records":
      return Array.isArray(value) && value.every((one) => isRecord(one) || short);
    case "map":
    case "record":
      return isRecord(value);
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value !== "object";
  }
}

function alternatives(schema: Schema): readonly string[] {
  return (schema.oneOf ?? []).flatMap((one) => one.required ?? []);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
