import { useMemo } from "react";

import { folded, lineDiff } from "../../builder/diff";
import { counted } from "./words";

const SIGNS = { same: " ", removed: "-", added: "+" } as const;

/** Two texts as the lines that one has and the other has not, with some around them. */
export function DiffView({ before, after }: { before: string; after: string }) {
  const hunks = useMemo(() => folded(lineDiff(before, after)), [before, after]);
  if (hunks.length === 0) return <p className="soft">Not a line is different.</p>;
  return (
    // Long text is scrolled with the keyboard, too.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className="diff" tabIndex={0} role="region" aria-label="Differences">
      {hunks.map((hunk) => {
        const first = hunk.lines[0];
        return (
          <div key={`${first?.before ?? ""} ${first?.after ?? ""}`}>
            {hunk.skipped > 0 ? (
              <div className="gap">… {counted(hunk.skipped, "line")} as before</div>
            ) : null}
            {hunk.lines.map((line) => (
              <div key={`${line.before ?? ""} ${line.after ?? ""}`} className={line.kind}>
                {SIGNS[line.kind]} {line.text}
              </div>
            ))}
          </div>
        );
      })}
    </pre>
  );
}
