import type { Saved } from "./files";

/** What is not saved yet, and what it was made from. */
export interface Draft {
  readonly base: Saved;
  readonly text: string;
}

const PREFIX = "orchestrate-draft:";

/** Under which name a draft is kept; that of a new playbook has none yet. */
export function draftKey(name: string | null): string {
  return `${PREFIX}${name ?? ""}`;
}

/** The draft of this tab, which outlives a reload and a session's end, or null. */
export function readDraft(storage: Storage, key: string): Draft | null {
  const kept = storage.getItem(key);
  if (kept === null) return null;
  try {
    const found: unknown = JSON.parse(kept);
    return isDraft(found) ? found : null;
  } catch {
    return null;
  }
}

/** Keep a draft; null: there is nothing to keep any more. */
export function keepDraft(storage: Storage, key: string, draft: Draft | null): void {
  try {
    if (draft === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(draft));
  } catch {
    // The browser has no room: what is on the page is still there, and can be saved.
  }
}

/** The names of what this tab holds drafts of; null is a new playbook. */
export function draftNames(storage: Storage): (string | null)[] {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
  return keys
    .filter((key) => key.startsWith(PREFIX) && readDraft(storage, key) !== null)
    .map((key) => (key === PREFIX ? null : key.slice(PREFIX.length)));
}

/** Keep no draft any more: whoever uses this tab next is somebody else. */
export function forgetDrafts(storage: Storage): void {
  for (const name of draftNames(storage)) keepDraft(storage, draftKey(name), null);
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const { base, text } = value as Partial<Draft>;
  return typeof text === "string" && typeof base?.text === "string";
}
