import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";

import { address, read } from "../../api/client";
import type { Graph } from "../../api/pictures";
import type { Box } from "../../graph/layout";
import { standingOf, type Standing, type StepNews, unread } from "../../graph/standing";
import { type Resource, useResource } from "../../components/useResource";
import type { Steps } from "./useSteps";

export interface WorkflowGraph {
  readonly found: Resource<Graph>;
  readonly look: (box: Box) => Standing;
  /** The iteration that is shown of a loop as long as none was chosen: its first one. */
  readonly first: (loop: string) => string | null;
  /** Reads what has to be known of the boxes in sight. */
  readonly seen: (boxes: readonly Box[]) => void;
  /** A step that runs or waits now. */
  readonly active: string | null;
}

/** The graph of a workflow, and how its steps stand, live. */
export function useGraph(workflow: string, steps: Steps, news: StepNews): WorkflowGraph {
  const where = address(["workflows", workflow, "graph"]);
  // A reset makes the tree be read anew; then what is drawn is another, too.
  const found = useResource(`${where} ${steps.turn}`, (signal) => read<Graph>(where, signal));
  useSyncExternalStore(news.subscribe, news.version);
  const { tree, more } = steps;
  const [boxes, setBoxes] = useState<readonly Box[]>([]);
  const wanted = unread(boxes, tree).join("\n");
  useEffect(() => {
    for (const path of wanted.split("\n").filter(Boolean)) more(path, "");
  }, [wanted, more]);
  const firsts = [...tree.branches]
    .filter(([, branch]) => branch.paths[0]?.endsWith("]") === true)
    .map(([loop, branch]) => `${loop}\n${branch.paths[0] ?? ""}`)
    .join("\n\n");
  const known = useMemo(
    () => new Map(firsts.split("\n\n").map((pair) => pair.split("\n") as [string, string])),
    [firsts],
  );
  return {
    found,
    look: (box) => standingOf(box, tree, news),
    first: useCallback((loop) => known.get(loop) ?? null, [known]),
    seen: useCallback((next) => {
      setBoxes((before) => (same(before, next) ? before : next));
    }, []),
    active: news.active,
  };
}

function same(before: readonly Box[], next: readonly Box[]): boolean {
  return before.length === next.length && before.every((box, index) => box === next[index]);
}
