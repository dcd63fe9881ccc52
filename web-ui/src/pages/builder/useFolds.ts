import { useState } from "react";

import { type Outline, walk } from "../../builder/outline";

/** Which steps do not show what is in them, by their keys. */
export interface Folds {
  readonly closed: ReadonlySet<string>;
  /** Fold a step, or unfold it. */
  readonly turn: (key: string) => void;
  readonly closeAll: (outline: Outline) => void;
  readonly openAll: () => void;
}

const NONE: ReadonlySet<string> = new Set();

/** Whether a key is that of something within what has another. */
export function isInside(key: string, around: string): boolean {
  return key.startsWith(`${around}/`);
}

/** What is chosen is never folded away: wherever it was chosen, it comes into sight. */
export function useFolds(chosen: string): Folds {
  const [closed, setClosed] = useState(NONE);
  const [seen, setSeen] = useState(chosen);
  if (seen !== chosen) {
    setSeen(chosen);
    const left = [...closed].filter((one) => !isInside(chosen, one));
    if (left.length < closed.size) setClosed(new Set(left));
  }
  return {
    closed,
    turn: (key) => {
      setClosed((before) => {
        const after = new Set(before);
        if (!after.delete(key)) after.add(key);
        return after;
      });
    },
    closeAll: (outline) => {
      const groups = [...walk(outline.lists)].filter((step) => step.lists.length > 0);
      setClosed(new Set(groups.map((step) => step.key)));
    },
    openAll: () => {
      setClosed(NONE);
    },
  };
}
