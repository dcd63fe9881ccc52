import { useSyncExternalStore } from "react";

import { Problem } from "./problem";
import type { Scope, Session } from "./types";

/** Whether somebody is signed in. `why` says how it came that nobody is any more. */
export type SignedIn =
  | { readonly kind: "asking" }
  | { readonly kind: "out"; readonly why: string }
  | { readonly kind: "unreachable"; readonly problem: Problem }
  | { readonly kind: "in"; readonly session: Session };

/** What whoever was signed in reads when the session has ended by itself. */
export const OVER = "The session has ended. Sign in again to go on.";

const ADDRESS = "/api/v1/session";
const changed = new EventTarget();
let standing: SignedIn = { kind: "asking" };

function become(next: SignedIn): void {
  standing = next;
  changed.dispatchEvent(new Event("change"));
}

/** What each request that changes something has to bring. */
export function token(): string {
  return standing.kind === "in" ? standing.session.csrf : "";
}

/** The session is over, whoever ended it. */
export function leave(why: string): void {
  if (standing.kind === "in") become({ kind: "out", why });
}

/**
 * Find out whether the browser is signed in. A one-time code behind the `#` of the address signs
 * in; it is taken out of the address, and so of the history, before it is used.
 */
export async function begin(): Promise<void> {
  const code = takeCode();
  if (code !== null) {
    try {
      await signIn({ code });
    } catch (thrown) {
      become({ kind: "out", why: Problem.of(thrown).message });
    }
    return;
  }
  await resume();
}

async function resume(): Promise<void> {
  become({ kind: "asking" });
  try {
    const response = await window.fetch(ADDRESS, { cache: "no-store" });
    if (response.ok) become({ kind: "in", session: (await response.json()) as Session });
    else if (response.status === 401) become({ kind: "out", why: "" });
    else become({ kind: "unreachable", problem: await Problem.from(response) });
  } catch {
    become({ kind: "unreachable", problem: Problem.unreachable() });
  }
}

function takeCode(): string | null {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith("#code=")) return null;
  window.history.replaceState(null, "", pathname + search);
  return hash.slice("#code=".length);
}

/** Sign in. The token is sent once and kept nowhere in the page. */
export async function signIn(credential: { token: string } | { code: string }): Promise<void> {
  let response: Response;
  try {
    response = await window.fetch(ADDRESS, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(credential),
    });
  } catch {
    throw Problem.unreachable();
  }
  if (!response.ok) throw await Problem.from(response);
  become({ kind: "in", session: (await response.json()) as Session });
}

/** Sign out. Throws a Problem if the session goes on: nobody may take it for ended. */
export async function signOut(): Promise<void> {
  let response: Response;
  try {
    response = await window.fetch(ADDRESS, {
      method: "DELETE",
      headers: { "x-csrf-token": token() },
    });
  } catch {
    throw Problem.unreachable();
  }
  if (!response.ok && response.status !== 401) throw await Problem.from(response);
  leave("You are signed out.");
}

export function useSession(): SignedIn {
  return useSyncExternalStore(
    (listener) => {
      changed.addEventListener("change", listener);
      return () => {
        changed.removeEventListener("change", listener);
      };
    },
    () => standing,
  );
}

/** Whether this session may do what takes that scope; the server decides again. */
export function useMay(scope: Scope): boolean {
  const now = useSession();
  if (now.kind !== "in") return false;
  const { scopes } = now.session;
  return (
    scopes.includes("admin") || scopes.includes(scope) || (scope === "view" && scopes.length > 0)
  );
}
