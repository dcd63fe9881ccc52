import { useSyncExternalStore } from "react";

/** Everything in the console lies below this path; vite.config.ts says it too. */
export const ROOT = "/console";

const changed = new EventTarget();

/** Asked before another page is shown; it calls `go` if and when that is fine. */
type Keeper = (go: () => void) => void;
let keeper: { readonly here: string; readonly ask: Keeper } | null = null;

/**
 * Have somebody asked before they leave this page: something on it is not saved. Returns how to
 * stop that. Leaving the console altogether is asked about by the browser itself.
 */
export function keepHere(ask: Keeper): () => void {
  const mine = { here: ROOT + current(), ask };
  keeper = mine;
  const stay = (event: BeforeUnloadEvent) => {
    event.preventDefault();
  };
  window.addEventListener("beforeunload", stay);
  return () => {
    if (keeper === mine) keeper = null;
    window.removeEventListener("beforeunload", stay);
  };
}

/** Go to a path of the console, such as `/workflows?state=failed`. */
export function navigate(to: string, how: "push" | "replace" = "push"): void {
  if (keeper !== null) {
    keeper.ask(() => {
      keeper = null;
      navigate(to, how);
    });
    return;
  }
  const address = ROOT + to;
  if (how === "push") window.history.pushState(null, "", address);
  else window.history.replaceState(null, "", address);
  changed.dispatchEvent(new Event("change"));
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener("change", listener);
  const went = (event: PopStateEvent) => {
    if (keeper === null) {
      listener();
      return;
    }
    // The browser is there already: it is brought back before somebody is asked, once.
    event.stopImmediatePropagation();
    const to = current();
    window.history.pushState(null, "", keeper.here);
    navigate(to);
  };
  window.addEventListener("popstate", went);
  return () => {
    changed.removeEventListener("change", listener);
    window.removeEventListener("popstate", went);
  };
}

function current(): string {
  const { pathname, search } = window.location;
  return (pathname.startsWith(ROOT) ? pathname.slice(ROOT.length) : pathname) + search;
}

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Where the console is; the component is drawn again when that changes. */
export function usePlace(): Place {
  const text = useSyncExternalStore(subscribe, current);
  const [path = "", query = ""] = text.split("?");
  return { path: path === "" ? "/" : path, query: new URLSearchParams(query) };
}

export type Names = Readonly<Record<string, string>>;

/**
 * The names in a path that fits a pattern such as `/workflows/:id`, or null. A name that begins with
 * `*` takes the rest of the path, slashes included.
 */
export function matches(pattern: string, path: string): Names | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  const names: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith("*")) {
      const rest = given.slice(index).map(decoded).join("/");
      if (rest === "") return null;
      names[part.slice(1)] = rest;
      return names;
    }
    const found = given[index];
    if (found === undefined) return null;
    if (part.startsWith(":")) {
      if (found === "") return null;
      names[part.slice(1)] = decoded(found);
    } else if (part !== found) {
      return null;
    }
  }
  return wanted.length === given.length ? names : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The same place with other values in its query; an empty value takes a name away. */
export function withQuery(place: Place, changes: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(place.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? place.path : `${place.path}?${text}`;
}
