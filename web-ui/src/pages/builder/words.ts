/** A key of the language as words: `on_failure` is `on failure`. */
export function inWords(key: string): string {
  return key.replaceAll("_", " ");
}

/** A number and what it counts. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
