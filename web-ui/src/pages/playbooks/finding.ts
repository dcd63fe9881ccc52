import type { PlaybookEntry } from "../../api/types";

/** Where playbooks come from, in words. */
export const ORIGINS: Readonly<Record<string, string>> = {
  project: "the project",
  shipped: "the program",
};

/**
 * Those in whose name, description, category or tags every word occurs, and that come from there;
 * those that somebody has to mend stand first, then the project's own.
 */
export function matching(
  all: readonly PlaybookEntry[],
  search: string,
  from: string,
): readonly PlaybookEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return all
    .filter((one) => {
      const text = [one.name, one.description, one.category ?? "", ...one.tags]
        .join(" ")
        .toLowerCase();
      return (from === "" || one.origin === from) && words.every((word) => text.includes(word));
    })
    .sort((one, other) => rank(one) - rank(other));
}

function rank(one: PlaybookEntry): number {
  return one.valid ? (one.origin === "project" ? 1 : 2) : 0;
}
