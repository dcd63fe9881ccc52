import type { Json } from "../api/types";

/** A value that somebody is asked for: a parameter of a playbook, an input of an approval. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: Json;
  readonly choices?: readonly Json[] | null;
  readonly pattern?: string | null;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly secret?: boolean;
}

export type Texts = Readonly<Record<string, string>>;

/** How a value stands in its field. */
export function shown(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a field of the form begins with: what is given, else the default. */
export function texts(fields: readonly Field[], given: Readonly<Record<string, Json>> = {}): Texts {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.secret === true ? "" : shown(given[field.name] ?? field.default),
    ]),
  );
}

/** What is wrong with a text for this field, or "". The server checks again. */
export function objection(field: Field, text: string): string {
  if (text === "") return field.required === true && field.default == null ? "This is needed." : "";
  switch (field.type) {
    case "integer":
      if (!/^[-+]?\d{1,300}$/.test(text.trim())) return "This has to be a whole number.";
      break;
    case "number":
      if (text.trim() === "" || !Number.isFinite(Number(text))) return "This has to be a number.";
      break;
    case "list":
      if (!Array.isArray(parsed(text))) return 'This has to be a list, such as ["a", "b"].';
      break;
    case "map":
      if (!isMap(parsed(text))) return 'This has to be a map, such as {"a": 1}.';
      break;
  }
  if (typeof field.pattern === "string" && !fits(field.pattern, text)) {
    return `This has to look like ${field.pattern}`;
  }
  const number = Number(text);
  if (field.type === "integer" || field.type === "number") {
    if (field.min != null && number < field.min) return `This has to be ${field.min} or more.`;
    if (field.max != null && number > field.max) return `This has to be ${field.max} or less.`;
  }
  return "";
}

/** Whether the whole text is like the pattern; one that is no pattern here is left to the server. */
function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text);
  } catch {
    return true;
  }
}

/**
 * The values of a form. What stands there unchanged from the default is left out, so that the
 * playbook's own default counts; an empty field is, too, unless the default is not empty.
 */
export function values(fields: readonly Field[], given: Texts): Record<string, Json> {
  const found: Record<string, Json> = {};
  for (const field of fields) {
    const text = given[field.name] ?? "";
    const unchanged = text === (field.secret === true ? "" : shown(field.default));
    if (unchanged && (text !== "" || field.required !== true || field.default != null)) continue;
    if (text === "" && field.type !== "string") continue;
    found[field.name] = typed(field, text);
  }
  return found;
}

function typed(field: Field, text: string): Json {
  switch (field.type) {
    case "integer": {
      const number = Number(text);
      // A larger one would lose digits on the way; the server reads it from the text.
      return Number.isSafeInteger(number) ? number : text;
    }
    case "number":
      return Number(text);
    case "boolean":
      return text === "true";
    case "list":
    case "map":
      return parsed(text) ?? null;
    default:
      return text;
  }
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isMap(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
