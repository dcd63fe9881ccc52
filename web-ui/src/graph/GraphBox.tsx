import type { ReactNode } from "react";

import { StateMark } from "../components/StateBadge";
import { lookOf } from "../model/states";
import type { Box } from "./layout";
import type { Standing } from "./standing";

interface Properties {
  readonly id: string;
  readonly box: Box;
  /** Null in the graph of a playbook, which has no states. */
  readonly standing: Standing | null;
  readonly selected: boolean;
  readonly active: boolean;
  /** So far away that nothing could be read. */
  readonly far: boolean;
  readonly onSelect: (box: Box) => void;
  readonly onToggle: (box: Box) => void;
  readonly onIterations: ((box: Box) => void) | undefined;
}

/** One step: its name, how it stands, what it does; what contains others is a frame around them. */
export function GraphBox(properties: Properties) {
  const { id, box, standing, selected, active, far, onSelect, onToggle } = properties;
  const { figure } = box;
  const state = standing?.state ?? null;
  const inner = figure.groups.length > 0;
  const kinds = ["figure", inner ? "outer" : "", box.open ? "open" : "", active ? "active" : ""];
  return (
    // The keyboard is the graph's, which keeps the focus and says which box is meant.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      className={kinds.filter(Boolean).join(" ")}
      role="treeitem"
      tabIndex={-1}
      aria-level={box.depth + 1}
      aria-selected={selected}
      aria-expanded={inner ? box.open : undefined}
      aria-label={far ? nameOf(box, state) : undefined}
      data-path={box.path}
      data-tone={state === null ? undefined : lookOf(state).tone}
      title={nameOf(box, state)}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      onClick={() => {
        onSelect(box);
      }}
      onDoubleClick={
        inner
          ? () => {
              onToggle(box);
            }
          : undefined
      }
    >
      {far ? <Far state={state} /> : <Near {...properties} />}
    </div>
  );
}

function nameOf(box: Box, state: string | null): string {
  const words = [box.path, state === null ? "" : lookOf(state).word, box.figure.call];
  return words.filter(Boolean).join(": ");
}

function Far({ state }: { state: string | null }) {
  return state === null ? null : <StateMark state={state} />;
}

function Near({ box, standing, onToggle, onIterations }: Properties) {
  const { figure } = box;
  const state = standing?.state ?? null;
  const inner = figure.groups.length > 0;
  const count = standing?.iterations ?? null;
  return (
    <>
      <span className="head">
        {inner ? (
          // The keyboard opens and closes with the arrows of the graph.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
          <span
            className="twist"
            onClick={(event) => {
              event.stopPropagation();
              onToggle(box);
            }}
          >
            {box.open ? "▾" : "▸"}
          </span>
        ) : null}
        {state === null ? null : <StateMark state={state} />}
        <strong>{figure.name}</strong>
        {box.open ? (
          <span className="soft">
            {standing === null ? "" : `${stateWord(state)} · `}
            {figure.call === "" ? figure.kind : figure.call}
          </span>
        ) : null}
        <Notes standing={standing} />
      </span>
      {box.open ? null : (
        <span className="line">
          {standing === null ? null : <span className="word">{stateWord(state)}</span>}
          <span className="soft">{figure.call === "" ? figure.kind : figure.call}</span>
        </span>
      )}
      {inner ? (
        <span className="tallies">
          {count !== null && onIterations !== undefined ? (
            <button
              type="button"
              className="plain"
              onClick={(event) => {
                event.stopPropagation();
                onIterations(box);
              }}
            >
              {box.iteration === null ? "" : `${box.iteration.slice(box.path.length)} of `}
              {count} {count === 1 ? "iteration" : "iterations"}
            </button>
          ) : null}
          <Tallies standing={standing} otherwise={box.open ? null : written(box)} />
        </span>
      ) : null}
    </>
  );
}

function stateWord(state: string | null): string {
  return state === null ? "not reached" : lookOf(state).word;
}

function written(box: Box): ReactNode {
  const count = box.figure.groups.reduce((sum, group) => sum + group.figures.length, 0);
  return <span className="soft">{count === 1 ? "1 step" : `${count} steps`} inside</span>;
}

/** How many steps in it are in which state, each with its shape. */
function Tallies({ standing, otherwise }: { standing: Standing | null; otherwise: ReactNode }) {
  const counted = Object.entries(standing?.counts ?? {}).filter(([, count]) => count > 0);
  if (counted.length === 0) return otherwise;
  return counted.map(([state, count]) => (
    <span key={state} className="tally" data-tone={lookOf(state).tone} title={lookOf(state).word}>
      <StateMark state={state} />
      {count}
      <span className="hidden"> {lookOf(state).word}</span>
    </span>
  ));
}

/** What is worth knowing of it beside its name. */
function Notes({ standing }: { standing: Standing | null }) {
  const step = standing?.step ?? null;
  if (step === null) return null;
  const notes: string[] = [];
  if (step.undone === true) notes.push("undone");
  if (step.attempts > 1) notes.push(`attempt ${step.attempts}`);
  if (step.progress !== undefined) notes.push(`${Math.round(step.progress)} %`);
  const blocker = step.waits_for?.[0];
  if (blocker !== undefined)
    notes.push(`waits for ${blocker.lock ?? blocker.resource ?? "its turn"}`);
  return notes.length === 0 ? null : <span className="notes">{notes.join(" · ")}</span>;
}
