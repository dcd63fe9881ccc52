import { useMemo, useState } from "react";

import { address, read } from "../../api/client";
import type { Page, Step, WorkflowDetail } from "../../api/types";
import { Empty, Failed, Loading } from "../../components/notices";
import { StateBadge } from "../../components/StateBadge";
import { useResource } from "../../components/useResource";
import { lookOf } from "../../model/states";
import { EMPTY, type Row, rowsOf } from "../../model/tree";
import { StepTree } from "./StepTree";
import type { Steps } from "./useSteps";

interface Properties {
  readonly workflow: WorkflowDetail;
  readonly steps: Steps;
  readonly now: number;
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
}

/** The step tree, or all steps in one state. */
export function StepsPanel({ workflow, steps, now, chosen, onChoose }: Properties) {
  const [only, setOnly] = useState<string | null>(null);
  const rows = useMemo(() => rowsOf(steps.tree), [steps.tree]);
  const start = Date.parse(workflow.started_at ?? workflow.created_at);
  const end = workflow.finished_at === null ? now : Date.parse(workflow.finished_at);
  const span = [start, Math.max(end, start + 1)] as const;
  const counted = Object.entries(workflow.counts).filter(([, count]) => count > 0);
  return (
    <section className="panel" aria-label="Steps">
      <header>
        <h2>Steps</h2>
        <div className="actions">
          {counted.map(([state, count]) => (
            <button
              key={state}
              type="button"
              className="plain"
              aria-pressed={only === state}
              title="Show only these"
              onClick={() => {
                setOnly(only === state ? null : state);
              }}
            >
              {count} <StateBadge state={state} />
            </button>
          ))}
        </div>
      </header>
      {only === null ? (
        <>
          {steps.error === null ? null : <Failed error={steps.error} retry={steps.reload} slim />}
          {!steps.tree.branches.has("") ? (
            steps.error === null && <Loading what="steps" />
          ) : rows.length === 0 ? (
            <Empty title="This playbook has no steps" />
          ) : (
            <StepTree
              tree={steps.tree}
              rows={rows}
              selected={chosen}
              span={span}
              onSelect={onChoose}
              onToggle={steps.toggle}
              onMore={steps.more}
            />
          )}
        </>
      ) : (
        <OnlyOne
          key={only}
          workflow={workflow}
          state={only}
          span={span}
          chosen={chosen}
          onChoose={onChoose}
          onAll={() => {
            setOnly(null);
          }}
        />
      )}
    </section>
  );
}

interface OneProperties {
  readonly workflow: WorkflowDetail;
  readonly state: string;
  readonly span: readonly [number, number];
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
  readonly onAll: () => void;
}

/** The steps in one state, without the tree around them: the failed ones of ten thousand. */
function OnlyOne({ workflow, state, span, chosen, onChoose, onAll }: OneProperties) {
  const where = address(["workflows", workflow.id, "steps"], { state: [state], limit: 500 });
  // Read again when so many more or fewer are in that state.
  const count = workflow.counts[state] ?? 0;
  const found = useResource(`${where} ${count}`, (signal) => read<Page<Step>>(where, signal));
  const rows: readonly Row[] = (found.value?.items ?? []).map((step) => ({
    kind: "step",
    step: { ...step, name: step.path, children: 0 },
    depth: 0,
  }));
  return (
    <>
      <div className="notice slim">
        <p>
          Only steps that are <strong>{lookOf(state).word}</strong>
          {found.value?.next == null ? "" : ", the first 500"}.{" "}
          <button type="button" className="plain" onClick={onAll}>
            Show all steps
          </button>
        </p>
      </div>
      {found.error === null ? null : <Failed error={found.error} retry={found.reload} slim />}
      {found.value === null && found.error === null ? <Loading what="steps" /> : null}
      {found.value === null ? null : rows.length === 0 ? (
        <Empty title="No step is in this state any more" />
      ) : (
        <StepTree
          tree={EMPTY}
          rows={rows}
          selected={chosen}
          span={span}
          onSelect={onChoose}
          onToggle={nothing}
          onMore={nothing}
        />
      )}
    </>
  );
}

function nothing(): void {
  // A list has nothing to open, and is read whole.
}
