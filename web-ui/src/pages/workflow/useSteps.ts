import { useCallback, useEffect, useReducer, useRef, useState } from "react";

import { address, read } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Page, Step } from "../../api/types";
import { EMPTY, missing, shown, toggled, type Tree, withChanges, withPage } from "../../model/tree";

type Happening =
  | { readonly kind: "page"; readonly parent: string; readonly page: Page<Step> }
  | { readonly kind: "changes"; readonly steps: readonly Step[] }
  | { readonly kind: "toggle"; readonly path: string }
  | { readonly kind: "show"; readonly path: string }
  | { readonly kind: "forget" };

function next(tree: Tree, happening: Happening): Tree {
  switch (happening.kind) {
    case "page":
      return withPage(tree, happening.parent, happening.page);
    case "changes":
      return withChanges(tree, happening.steps);
    case "toggle":
      return toggled(tree, happening.path);
    case "show":
      return shown(tree, happening.path);
    case "forget":
      return { ...EMPTY, expanded: tree.expanded };
  }
}

export interface Steps {
  readonly tree: Tree;
  readonly error: Problem | null;
  readonly change: (steps: readonly Step[]) => void;
  readonly toggle: (path: string) => void;
  /** Expand everything that an entry is in. */
  readonly show: (path: string) => void;
  readonly more: (parent: string, cursor: string) => void;
  /** Read everything anew; what is expanded stays so. */
  readonly reload: () => void;
  /** How often that was so. */
  readonly turn: number;
}

const PAGE = 200;

/** The step tree of a workflow, read branch by branch as it is opened. */
export function useSteps(workflow: string): Steps {
  const [tree, tell] = useReducer(next, EMPTY);
  const [error, setError] = useState<Problem | null>(null);
  const asked = useRef(new Set<string>());
  const [turn, setTurn] = useState(0);
  const latest = useRef(turn);
  useEffect(() => {
    latest.current = turn;
  });

  const fetchPage = useCallback(
    (parent: string, cursor: string) => {
      const key = `${turn} ${parent} ${cursor}`;
      if (asked.current.has(key)) return;
      asked.current.add(key);
      const where = address(["workflows", workflow, "steps"], { parent, cursor, limit: PAGE });
      read<Page<Step>>(where).then(
        (page) => {
          if (latest.current !== turn) return;
          setError(null);
          tell({ kind: "page", parent, page });
        },
        (reason: unknown) => {
          asked.current.delete(key);
          setError(Problem.of(reason));
        },
      );
    },
    [workflow, turn],
  );

  useEffect(() => {
    if (error !== null) return;
    for (const parent of missing(tree)) fetchPage(parent, "");
  }, [tree, fetchPage, error]);

  return {
    tree,
    error,
    change: useCallback((steps) => {
      tell({ kind: "changes", steps });
    }, []),
    toggle: useCallback((path) => {
      tell({ kind: "toggle", path });
    }, []),
    show: useCallback((path) => {
      tell({ kind: "show", path });
    }, []),
    more: fetchPage,
    reload: useCallback(() => {
      setError(null);
      setTurn((before) => before + 1);
      tell({ kind: "forget" });
    }, []),
    turn,
  };
}
