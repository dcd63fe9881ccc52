import { type RefObject, useMemo, useState } from "react";

import { matching, nextOf } from "../../builder/finding";
import type { Outline, StepNode } from "../../builder/outline";
import { samePath, type Path } from "../../builder/source";

interface Properties {
  readonly outline: Outline;
  readonly chosen: Path;
  readonly input: RefObject<HTMLInputElement | null>;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly found: readonly StepNode[];
  readonly onChoose: (path: Path) => void;
  /** Back to the steps. */
  readonly onLeave: () => void;
  readonly onFold: () => void;
  readonly onUnfold: () => void;
}

/** Finds steps by what stands on their cards, and folds all of them. */
export function StepsTools(properties: Properties) {
  const { outline, chosen, input, query, onQuery, found, onChoose, onLeave } = properties;
  const at = found.findIndex((one) => samePath(one.path, chosen));
  const groups = outline.lists.some((list) => list.steps.some((step) => step.lists.length > 0));
  const go = (by: 1 | -1) => {
    const next = nextOf(outline, found, chosen, by);
    if (next !== null) onChoose(next.path);
  };
  return (
    <div className="steps-tools" role="search" aria-label="Among the steps">
      <input
        ref={input}
        type="search"
        aria-label="Find among the steps"
        aria-keyshortcuts="Control+F"
        placeholder="Find among the steps (Ctrl+F)"
        value={query}
        spellCheck={false}
        onChange={(event) => {
          onQuery(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
          else if (event.key === "ArrowDown") go(1);
          else if (event.key === "ArrowUp") go(-1);
          else if (event.key === "Escape") onLeave();
          else return;
          event.preventDefault();
        }}
      />
      {query.trim() === "" ? null : (
        <span className="soft" role="status">
          {found.length === 0
            ? "none"
            : at < 0
              ? `${found.length} found`
              : `${at + 1} of ${found.length}`}
        </span>
      )}
      {groups ? (
        <>
          <button type="button" onClick={properties.onFold}>
            Fold all
          </button>
          <button type="button" onClick={properties.onUnfold}>
            Unfold all
          </button>
        </>
      ) : null}
    </div>
  );
}

/** What is searched for, and what fits. */
export function useFinding(outline: Outline) {
  const [query, setQuery] = useState("");
  const found = useMemo(() => matching(outline, query), [outline, query]);
  return { query, setQuery, found };
}
