import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";

import { inSight, parentOf, type Row, type Tree } from "../../model/tree";
import { StepRow } from "./StepRow";

/** Pixels of a line; design/tokens.css says the same as --row. */
const LINE = 30;
const MOST_LINES = 22;

interface Properties {
  readonly tree: Tree;
  readonly rows: readonly Row[];
  readonly selected: string | null;
  /** From when to when the bars reach, in milliseconds. */
  readonly span: readonly [number, number];
  readonly onSelect: (path: string) => void;
  readonly onToggle: (path: string) => void;
  readonly onMore: (parent: string, cursor: string) => void;
  readonly label?: string;
  /** So many lines are in sight at most. */
  readonly lines?: number;
}

/**
 * The steps as a tree for pointer and keyboard. Only the lines in sight exist in the document, so
 * ten thousand of them scroll as smoothly as ten.
 */
export function StepTree(properties: Properties) {
  const { tree, rows, selected, span, onSelect, onToggle, onMore } = properties;
  const { label = "Steps", lines = MOST_LINES } = properties;
  const box = useRef<HTMLDivElement>(null);
  const name = useId();
  const [scrolled, setScrolled] = useState(0);
  const [active, setActive] = useState<string | null>(null);
  const height = Math.min(rows.length, lines) * LINE + 2;
  const [first, end] = inSight(scrolled, height, LINE, rows.length);
  const drawn = rows.slice(first, end);
  const at = rows.findIndex((row) => row.kind === "step" && row.step.path === (active ?? selected));

  useMore(drawn, onMore);
  useInSight(box, rows, selected);

  const go = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[index];
    if (row?.kind === "step") setActive(row.step.path);
    if (box.current !== null) reveal(box.current, index);
  };
  const press = (event: KeyboardEvent) => {
    const done = pressed(event.key, { tree, rows, at, go, onSelect, onToggle });
    if (done) event.preventDefault();
  };

  return (
    <div
      ref={box}
      className="tree"
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={at >= first && at < end ? `${name}-${at}` : undefined}
      style={{ height }}
      onScroll={(event) => {
        setScrolled(event.currentTarget.scrollTop);
      }}
      onKeyDown={press}
    >
      <div className="rows" role="none" style={{ height: rows.length * LINE }}>
        {drawn.map((row, index) => {
          const place = first + index;
          const top = place * LINE;
          if (row.kind === "more") {
            return (
              <div
                key={`more ${row.parent}`}
                className="row"
                role="treeitem"
                aria-level={row.depth + 1}
                aria-selected={false}
                style={{ top }}
              >
                <span className="soft">Loading more…</span>
              </div>
            );
          }
          const { path } = row.step;
          return (
            <StepRow
              key={path}
              id={`${name}-${place}`}
              step={row.step}
              depth={row.depth}
              top={top}
              span={span}
              open={tree.expanded.has(path)}
              selected={path === selected}
              active={place === at}
              onSelect={choose(path, setActive, onSelect)}
              onToggle={choose(path, setActive, onToggle)}
            />
          );
        })}
      </div>
    </div>
  );
}

/** What was not read yet and is in sight now is read. */
function useMore(drawn: readonly Row[], onMore: (parent: string, cursor: string) => void): void {
  const wanted = drawn.find((row) => row.kind === "more");
  const parent = wanted?.kind === "more" ? wanted.parent : null;
  const cursor = wanted?.kind === "more" ? wanted.cursor : "";
  useEffect(() => {
    if (parent !== null) onMore(parent, cursor);
    // onMore is another function each time; what it is asked for is not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [parent, cursor]);
}

/** What was chosen elsewhere is scrolled to once it is there. */
function useInSight(
  box: RefObject<HTMLDivElement | null>,
  rows: readonly Row[],
  selected: string | null,
): void {
  const place = rows.findIndex((row) => row.kind === "step" && row.step.path === selected);
  const isThere = place >= 0;
  const latest = useRef(place);
  useEffect(() => {
    latest.current = place;
  });
  useEffect(() => {
    if (isThere && box.current !== null) reveal(box.current, latest.current);
  }, [box, selected, isThere]);
}

/** Scroll so far that a line is in sight. */
function reveal(element: HTMLElement, index: number): void {
  const { scrollTop, clientHeight } = element;
  if (index * LINE < scrollTop) element.scrollTop = index * LINE;
  else if ((index + 1) * LINE > scrollTop + clientHeight) {
    element.scrollTop = (index + 1) * LINE - clientHeight;
  }
}

interface Keyboard {
  readonly tree: Tree;
  readonly rows: readonly Row[];
  readonly at: number;
  readonly go: (to: number) => void;
  readonly onSelect: (path: string) => void;
  readonly onToggle: (path: string) => void;
}

/** What a key does in a tree, as the pattern of WAI-ARIA has it; whether it does anything. */
function pressed(key: string, { tree, rows, at, go, onSelect, onToggle }: Keyboard): boolean {
  const row = rows[at];
  const step = row?.kind === "step" ? row.step : null;
  const open = step !== null && tree.expanded.has(step.path);
  if (key === "ArrowDown") go(at + 1);
  else if (key === "ArrowUp") go(at - 1);
  else if (key === "Home") go(0);
  else if (key === "End") go(rows.length - 1);
  else if (key === "PageDown") go(at + MOST_LINES);
  else if (key === "PageUp") go(at - MOST_LINES);
  else if (step === null) return false;
  else if (key === "ArrowRight" && step.children > 0 && !open) onToggle(step.path);
  else if (key === "ArrowRight" && open) go(at + 1);
  else if (key === "ArrowLeft" && open) onToggle(step.path);
  else if (key === "ArrowLeft") go(indexOf(rows, parentOf(step.path), at));
  else if (key === "Enter" || key === " ") onSelect(step.path);
  else return false;
  return true;
}

function choose(
  path: string,
  setActive: (path: string) => void,
  then: (path: string) => void,
): () => void {
  return () => {
    setActive(path);
    then(path);
  };
}

function indexOf(rows: readonly Row[], path: string, otherwise: number): number {
  const found = rows.findIndex((row) => row.kind === "step" && row.step.path === path);
  return found < 0 ? otherwise : found;
}
