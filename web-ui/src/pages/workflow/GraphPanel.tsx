import { useState } from "react";

import type { WorkflowDetail } from "../../api/types";
import { Failed, Loading } from "../../components/notices";
import { GraphView } from "../../graph/GraphView";
import type { StepNews } from "../../graph/standing";
import { isFinal } from "../../model/states";
import { EMPTY, type Row, type Tree } from "../../model/tree";
import { StepTree } from "./StepTree";
import { useGraph } from "./useGraph";
import type { Steps } from "./useSteps";

interface Properties {
  readonly workflow: WorkflowDetail;
  readonly steps: Steps;
  readonly news: StepNews;
  readonly span: readonly [number, number];
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
}

/** A workflow's steps as a graph that goes with what runs. */
export function GraphPanel({ workflow, steps, news, span, chosen, onChoose }: Properties) {
  const { found, look, first, seen, active } = useGraph(workflow.id, steps, news);
  const running = !isFinal(workflow.state);
  const [follows, setFollows] = useState(running && chosen === null);
  const [loop, setLoop] = useState<string | null>(null);
  const ended = workflow.error?.step ?? null;
  const target = follows ? (active ?? ended) : (chosen ?? ended);

  if (found.value === null) {
    return found.error === null ? (
      <Loading what="the graph" />
    ) : (
      <Failed error={found.error} retry={found.reload} slim />
    );
  }
  return (
    <GraphView
      graph={found.value}
      label="Graph of the steps"
      look={look}
      selected={chosen}
      focus={target}
      first={first}
      onSelect={(box) => {
        setFollows(false);
        onChoose(look(box).step?.path ?? box.path);
      }}
      onIterations={(box) => {
        setLoop(loop === box.path ? null : box.path);
      }}
      onSeen={seen}
      onMoved={() => {
        setFollows(false);
      }}
      tools={
        running ? (
          <button
            type="button"
            aria-pressed={follows}
            onClick={() => {
              setFollows(!follows);
            }}
          >
            Follow what runs
          </button>
        ) : null
      }
    >
      {loop === null ? null : (
        <Iterations
          loop={loop}
          tree={steps.tree}
          chosen={chosen}
          span={span}
          onChoose={(path) => {
            setFollows(false);
            onChoose(path);
          }}
          onMore={steps.more}
          onClose={() => {
            setLoop(null);
          }}
        />
      )}
    </GraphView>
  );
}

interface IterationsProperties {
  readonly loop: string;
  readonly tree: Tree;
  readonly chosen: string | null;
  readonly span: readonly [number, number];
  readonly onChoose: (path: string) => void;
  readonly onMore: (parent: string, cursor: string) => void;
  readonly onClose: () => void;
}

/** All iterations of a loop, to choose the one that is drawn. */
function Iterations(properties: IterationsProperties) {
  const { loop, tree, chosen, span, onChoose, onMore, onClose } = properties;
  const branch = tree.branches.get(loop);
  const rows: Row[] = [];
  for (const path of branch?.paths ?? []) {
    const step = tree.steps.get(path);
    if (step !== undefined) rows.push({ kind: "step", step: { ...step, children: 0 }, depth: 0 });
  }
  if (branch !== undefined && branch.next !== null) {
    rows.push({ kind: "more", parent: loop, cursor: branch.next, depth: 0 });
  }
  return (
    <section className="graphside" aria-label={`Iterations of ${loop}`}>
      <header>
        <h3>Iterations of {loop}</h3>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      {branch === undefined ? (
        <Loading what="iterations" />
      ) : (
        <StepTree
          label={`Iterations of ${loop}`}
          lines={16}
          tree={EMPTY}
          rows={rows}
          selected={branch.paths.find((path) => isWithin(chosen, path)) ?? null}
          span={span}
          onSelect={onChoose}
          onToggle={onChoose}
          onMore={onMore}
        />
      )}
    </section>
  );
}

/** Whether what is chosen is an iteration, or something in it. */
function isWithin(chosen: string | null, iteration: string): boolean {
  return chosen === iteration || chosen?.startsWith(`${iteration}/`) === true;
}
