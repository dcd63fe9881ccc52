import { address, request } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Finding } from "../../api/types";

/** A text as it is on the server; a tag of null: there is no such file. */
export interface Saved {
  readonly text: string;
  readonly tag: string | null;
}

const NOTHING: Saved = { text: "", tag: null };

function sourceOf(name: string, query: Readonly<Record<string, string>> = {}): string {
  return address(["playbooks", name, "source"], query);
}

/** The file of a playbook as it is now; `NOTHING` if there is none. */
export async function readFile(name: string, signal?: AbortSignal): Promise<Saved> {
  try {
    const options = { headers: { accept: "text/yaml, */*" }, ...(signal ? { signal } : {}) };
    const response = await request(sourceOf(name), options);
    return { text: await response.text(), tag: response.headers.get("etag") };
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 404) return NOTHING;
    throw thrown;
  }
}

/** What became of saving: done, refused because it is invalid, or because the file is another. */
export type Outcome =
  | { readonly kind: "saved"; readonly saved: Saved }
  | { readonly kind: "invalid"; readonly problems: readonly Finding[]; readonly message: string }
  | { readonly kind: "changed"; readonly theirs: Saved };

/**
 * Save a text over the file that was read. What is invalid is refused unless `accept`; what was
 * changed meanwhile is never overwritten.
 */
export async function saveFile(
  name: string,
  text: string,
  tag: string | null,
  accept: boolean,
): Promise<Outcome> {
  const headers: Record<string, string> =
    tag === null ? { "if-none-match": "*" } : { "if-match": tag };
  try {
    const where = sourceOf(name, accept ? { invalid: "accept" } : {});
    const response = await request(where, { method: "PUT", headers, text });
    return { kind: "saved", saved: { text, tag: response.headers.get("etag") } };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    if (thrown.status === 412) return { kind: "changed", theirs: await readFile(name) };
    if (thrown.code === "invalid-playbook" && !accept) {
      return { kind: "invalid", problems: thrown.findings, message: thrown.message };
    }
    throw thrown;
  }
}
