import { useSyncExternalStore } from "react";

/** What the user chose; `system` follows the machine. */
export type Theme = "system" | "light" | "dark";

const KEY = "orchestrate-theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const changed = new EventTarget();

function chosen(): Theme {
  const kept = window.localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Put the theme on the document, and keep it there when the machine's changes. */
export function applyTheme(): void {
  const show = () => {
    const theme = chosen();
    const name = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
    document.documentElement.dataset.theme = name;
  };
  show();
  dark.addEventListener("change", show);
  changed.addEventListener("change", show);
}

/** The chosen theme, and how to choose another. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, chosen);
  const choose = (next: Theme) => {
    window.localStorage.setItem(KEY, next);
    changed.dispatchEvent(new Event("change"));
  };
  return [theme, choose];
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener("change", listener);
  return () => {
    changed.removeEventListener("change", listener);
  };
}
