/** One value that an action changed. */
export interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

function said(value: unknown): string {
  if (value === undefined || value === null || value === "") return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * What an action changed: of two objects only where they differ, of two other values these. Null if
 * something was made or taken away: then there is nothing to compare.
 */
export function changes(before: unknown, after: unknown): readonly Change[] | null {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  if (was !== null && is !== null) {
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return names
      .filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]))
      .map((name) => ({ name, before: said(was[name]), after: said(is[name]) }));
  }
  if (was !== null || is !== null) return null;
  return [{ name: "", before: said(before), after: said(after) }];
}

/** What was made or taken away, as names and values; those that say nothing are left out. */
export function facts(before: unknown, after: unknown): Fields {
  const found = fieldsOf(after) ?? fieldsOf(before) ?? {};
  const empty = (value: unknown) =>
    value === null || value === "" || (fieldsOf(value) !== null && isBlank(value));
  return Object.fromEntries(Object.entries(found).filter(([, value]) => !empty(value)));
}

function isBlank(value: unknown): boolean {
  return Object.keys(value as Fields).length === 0;
}
