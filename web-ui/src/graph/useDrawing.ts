import { useMemo, useState } from "react";

import type { Graph } from "../api/pictures";
import { above } from "../model/tree";
import { type Choice, type Layout, layOut, sizeOf } from "./layout";
import { isInLoop, withoutTries } from "./standing";

/** What contains no more steps than this is open from the beginning. */
const SMALL = 24;

interface Chosen {
  /** What was opened or closed by somebody, or to show something in it. */
  readonly open: ReadonlyMap<string, boolean>;
  /** Of loops: the iteration that is shown. */
  readonly iterations: ReadonlyMap<string, string>;
}

const NOTHING: Chosen = { open: new Map(), iterations: new Map() };

export interface Drawing {
  readonly layout: Layout;
  readonly toggle: (path: string, open: boolean) => void;
  /** Open or close everything. */
  readonly all: (open: boolean) => void;
}

/**
 * The layout of a graph by what is open in it. What `focus` is in is opened, and its iterations are
 * shown; `first` tells the iteration that is shown of a loop as long as none was chosen.
 */
export function useDrawing(
  graph: Graph,
  focus: string | null,
  first: (loop: string) => string | null,
): Drawing {
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const [rest, setRest] = useState<boolean | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  if (focus !== shown) {
    setShown(focus);
    if (focus !== null) setChosen(withFocus(chosen, withoutTries(focus)));
  }
  const layout = useMemo(() => {
    const choice: Choice = {
      isOpen: (figure, path) => chosen.open.get(path) ?? rest ?? sizeOf(figure) <= SMALL,
      iterationOf: (_, path) => chosen.iterations.get(path) ?? first(path),
    };
    return layOut(graph.groups, choice);
  }, [graph, chosen, rest, first]);
  return {
    layout,
    toggle: (path, open) => {
      setChosen({ ...chosen, open: new Map(chosen.open).set(path, open) });
    },
    all: (open) => {
      setRest(open);
      setChosen({ ...chosen, open: new Map() });
    },
  };
}

/** What somebody looks at is in sight, whatever it is in. */
function withFocus(chosen: Chosen, focus: string): Chosen {
  const open = new Map(chosen.open);
  const iterations = new Map(chosen.iterations);
  for (const path of [...above(focus), focus]) {
    if (path !== focus) open.set(path, true);
    if (path.endsWith("]") && isInLoop(path)) {
      iterations.set(path.slice(0, path.lastIndexOf("[")), path);
    }
  }
  return { open, iterations };
}
