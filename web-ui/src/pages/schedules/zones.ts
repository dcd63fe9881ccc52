let known: readonly string[] | null = null;

/** The time zones that this browser knows, to choose from. */
export function zones(): readonly string[] {
  known ??= ["UTC", ...Intl.supportedValuesOf("timeZone")];
  return known;
}
