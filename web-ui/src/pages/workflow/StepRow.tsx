import { memo } from "react";

import type { Step } from "../../api/types";
import { StateBadge } from "../../components/StateBadge";
import { lookOf } from "../../model/states";
import { stateOf } from "../../model/tree";
import { between, duration } from "../../model/times";

interface Properties {
  readonly id: string;
  readonly step: Step;
  readonly depth: number;
  readonly top: number;
  readonly span: readonly [number, number];
  readonly open: boolean;
  readonly selected: boolean;
  readonly active: boolean;
  readonly onSelect: () => void;
  readonly onToggle: () => void;
}

/** One line of the tree: name, state, how long it took, and when that was. */
export const StepRow = memo(function StepRow(properties: Properties) {
  const { id, step, depth, top, span, open, selected, active, onSelect, onToggle } = properties;
  const state = stateOf(step);
  const took = step.state === null ? null : between(step.started_at, step.finished_at, span[1]);
  return (
    // The keyboard is the tree's, which keeps the focus and says which line is meant.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      className={active ? "row active" : "row"}
      role="treeitem"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-selected={selected}
      aria-expanded={step.children > 0 ? open : undefined}
      style={{ top }}
      onClick={onSelect}
      onDoubleClick={step.children > 0 ? onToggle : undefined}
    >
      <span className="name" style={{ paddingLeft: depth * 16 }}>
        <Twist step={step} open={open} onToggle={onToggle} />
        <span title={step.path}>
          {step.name}
          <Note step={step} />
        </span>
      </span>
      {state === null ? (
        <span className="soft">not reached</span>
      ) : (
        <StateBadge state={state} also={step.undone === true ? "undone" : undefined} />
      )}
      <span className="time soft">{took === null ? "" : duration(took)}</span>
      <Span step={step} span={span} />
    </div>
  );
});

function Twist({ step, open, onToggle }: { step: Step; open: boolean; onToggle: () => void }) {
  if (step.children === 0) return <span className="twist" />;
  return (
    // The keyboard opens and closes with the arrows of the tree.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <span
      className="twist"
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      {open ? "▾" : "▸"}
    </span>
  );
}

/** What is worth knowing of it beside its name. */
function Note({ step }: { step: Step }) {
  const notes: string[] = [];
  if (step.label !== null) notes.push(step.label);
  else if (step.kind !== "command") notes.push(step.kind);
  if (step.role !== null) notes.push(step.role.replace("_", " "));
  const inside = step.iterations ?? step.children;
  if (inside > 0) notes.push(String(inside));
  if (step.attempts > 1) notes.push(`attempt ${step.attempts}`);
  if (step.progress !== undefined) notes.push(`${Math.round(step.progress)} %`);
  const blocker = step.waits_for?.[0];
  if (blocker !== undefined) {
    notes.push(
      `waits for ${blocker.lock ?? blocker.resource ?? "its turn"}: ${blocker.workflow ?? "another workflow"}`,
    );
  }
  return notes.length === 0 ? null : <span className="soft"> {notes.join(" · ")}</span>;
}

function Span({ step, span }: { step: Step; span: readonly [number, number] }) {
  const [from, to] = span;
  if (step.started_at === null || step.state === null || to <= from) {
    return <span className="span" aria-hidden="true" />;
  }
  const start = Date.parse(step.started_at);
  const finish = step.finished_at === null ? to : Date.parse(step.finished_at);
  const share = (moment: number) => Math.max(0, Math.min(1, (moment - from) / (to - from))) * 100;
  return (
    <span className="span" aria-hidden="true" data-tone={lookOf(step.state).tone}>
      <i style={{ left: `${share(start)}%`, width: `${share(finish) - share(start)}%` }} />
    </span>
  );
}
