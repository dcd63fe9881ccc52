import { lazy, Suspense, useEffect, useMemo, useState } from "react";

import { address, read } from "../../api/client";
import type { Page, Step, WorkflowDetail } from "../../api/types";
import { Empty, Failed, Loading } from "../../components/notices";
import { StateBadge } from "../../components/StateBadge";
import { useResource } from "../../components/useResource";
import type { StepNews } from "../../graph/standing";
import { lookOf } from "../../model/states";
import { EMPTY, type Row, rowsOf } from "../../model/tree";
import { StepTree } from "./StepTree";
import type { Steps } from "./useSteps";

// A picture's code is fetched when it is first looked at.
const GraphPanel = lazy(async () => ({ default: (await import("./GraphPanel")).GraphPanel }));
const GanttPanel = lazy(async () => ({ default: (await import("./GanttPanel")).GanttPanel }));

/** The ways to look at the steps. What is chosen in one is chosen in all. */
const VIEWS = { tree: "Tree", graph: "Graph", gantt: "Gantt" } as const;
export type View = keyof typeof VIEWS;

/** The view that an address asks for. */
export function viewOf(text: string | null): View {
  return text === "graph" || text === "gantt" ? text : "tree";
}

interface Properties {
  readonly workflow: WorkflowDetail;
  readonly steps: Steps;
  readonly news: StepNews;
  readonly view: View;
  readonly now: number;
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
  readonly onView: (view: View) => void;
}

/** The steps as a tree, as a graph, over time; or all that are in one state. */
export function StepsPanel(properties: Properties) {
  const { workflow, view, now, chosen, onChoose, onView } = properties;
  const [only, setOnly] = useState<string | null>(null);
  const start = Date.parse(workflow.started_at ?? workflow.created_at);
  const end = workflow.finished_at === null ? now : Date.parse(workflow.finished_at);
  const span = [start, Math.max(end, start + 1)] as const;
  const counted = Object.entries(workflow.counts).filter(([, count]) => count > 0);
  return (
    <section className="panel" aria-label="Steps">
      <header>
        <h2>Steps</h2>
        <div className="views" role="group" aria-label="View">
          {(Object.keys(VIEWS) as View[]).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={only === null && view === one}
              onClick={() => {
                setOnly(null);
                onView(one);
              }}
            >
              {VIEWS[one]}
            </button>
          ))}
        </div>
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
        <Viewed {...properties} span={span} />
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

interface ViewedProperties extends Properties {
  readonly span: readonly [number, number];
}

function Viewed(properties: ViewedProperties) {
  const { workflow, steps, view, now, chosen, onChoose } = properties;
  const { error, reload } = steps;
  return (
    <>
      {error === null || view === "gantt" ? null : <Failed error={error} retry={reload} slim />}
      {view === "tree" ? (
        <Whole {...properties} />
      ) : (
        <Suspense fallback={<Loading what="the view" />}>
          {view === "graph" ? (
            <GraphPanel {...properties} />
          ) : (
            <GanttPanel workflow={workflow} now={now} chosen={chosen} onChoose={onChoose} />
          )}
        </Suspense>
      )}
    </>
  );
}

/** The tree of all steps; what was chosen is in sight. */
function Whole({ steps, span, chosen, onChoose }: ViewedProperties) {
  const { tree, error, show } = steps;
  const rows = useMemo(() => rowsOf(tree), [tree]);
  useEffect(() => {
    if (chosen !== null) show(chosen);
  }, [chosen, show]);
  if (!tree.branches.has("")) return error === null ? <Loading what="steps" /> : null;
  if (rows.length === 0) return <Empty title="This playbook has no steps" />;
  return (
    <StepTree
      tree={tree}
      rows={rows}
      selected={chosen}
      span={span}
      onSelect={onChoose}
      onToggle={steps.toggle}
      onMore={steps.more}
    />
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
