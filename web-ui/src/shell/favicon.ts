import { useEffect } from "react";

/** What the tab's icon says: that all is well, or the worst of what is open. */
export type Sign = "icon" | "icon-waiting" | "icon-lost";

/** Keeps the tab's icon and title; the icons are files, as the policy lets no others in. */
export function useTab(title: string, sign: Sign): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link === null) return;
    const wanted = link.href.replace(/icon[a-z-]*\.svg$/, `${sign}.svg`);
    if (link.href !== wanted) link.href = wanted;
  }, [sign]);
}
