/** What can be put into a playbook: every kind of step, and the commands that can be called. */

import { type Fields, freeName } from "./edits";
import type { Grammar } from "./grammar";
import snippets from "./snippets.json";

export interface PaletteEntry {
  readonly id: string;
  readonly group: "kinds" | "commands";
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  /** A step that is valid as it stands, as far as there can be one. */
  readonly step: Fields;
}

/** What `GET /commands` says of each. */
export interface ResolvedCommand {
  readonly name: string;
  readonly origin: string;
  readonly read_only: boolean;
}

interface Snippet {
  readonly title: string;
  readonly step: Fields;
}

const SNIPPETS: Readonly<Record<string, readonly Snippet[] | undefined>> = snippets;

/** An entry for every kind that the schema has; those of calls and waits in each of their forms. */
export function kindEntries(grammar: Grammar): readonly PaletteEntry[] {
  return grammar.kinds.flatMap((kind) => {
    const plain = { title: kind.kind, step: { type: kind.kind } };
    return (SNIPPETS[kind.kind] ?? [plain]).map(({ title, step }) => {
      const own = kind.own.find((key) => key in step && !kind.lists.some((one) => one.key === key));
      const several = (SNIPPETS[kind.kind] ?? []).length > 1;
      const said =
        several && own !== undefined ? kind.schema.properties?.[own]?.description : undefined;
      return {
        id: `${kind.kind}:${title}`,
        group: "kinds" as const,
        kind: kind.kind,
        title,
        description: said ?? kind.description,
        step,
      };
    });
  });
}

/** An entry for every slash command. */
export function commandEntries(commands: readonly ResolvedCommand[]): readonly PaletteEntry[] {
  return commands.map(({ name, origin, read_only }) => ({
    id: name,
    group: "commands" as const,
    kind: "command",
    title: name,
    description: read_only ? `${origin}, only reads` : origin,
    step: { name: name.replace(/^\//, ""), command: name },
  }));
}

/** Those that all words of a search occur in; those whose title begins with it come first. */
export function searched(entries: readonly PaletteEntry[], query: string): readonly PaletteEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = entries.filter((entry) => {
    const text = `${entry.title} ${entry.kind} ${entry.description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = (entry: PaletteEntry) =>
    words[0] !== undefined && entry.title.toLowerCase().replace(/^\//, "").startsWith(words[0]);
  return [...fits.filter(first), ...fits.filter((entry) => !first(entry))];
}

/** The entry's step, with a name that none of those beside it has. */
export function stepOf(entry: PaletteEntry, taken: ReadonlySet<unknown>): Fields {
  const { name } = entry.step;
  if (typeof name !== "string" || !taken.has(name)) return entry.step;
  const free = freeName(name, taken);
  // What looks at its own result says its name.
  const said = (value: unknown) =>
    typeof value === "string" ? value.replaceAll(`${name}.`, `${free}.`) : value;
  const fields = Object.entries(entry.step).map(([key, value]) => [key, said(value)]);
  return { ...(Object.fromEntries(fields) as Fields), name: free };
}
