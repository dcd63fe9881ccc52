/** A value as the text of a field. */
export function shownAs(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The value that a text stands for; an empty one for none. Numbers only where one may stand. */
export function entered(text: string, numbers: boolean): unknown {
  if (text === "") return undefined;
  return numbers && isNumber(text) ? Number(text) : text;
}

/**
 * The value of an entry of a list or map, which may be of any plain type. A text stays one; only
 * what was none, or no number yet, becomes a number.
 */
export function enteredAny(text: string, before: unknown): unknown {
  if (typeof before === "string" && (isNumber(before) || !isNumber(text))) return text;
  if (text === "true" || text === "false") return text === "true";
  return isNumber(text) ? Number(text) : text;
}

/** Whether nothing is lost when a text is taken as a number: `1.10` is a text. */
function isNumber(text: string): boolean {
  return text !== "" && String(Number(text)) === text && Number.isFinite(Number(text));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
