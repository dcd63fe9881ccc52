import { createContext, useContext, useEffect, useRef } from "react";

import type { Workflow } from "../api/types";
import type { Live } from "./useLive";

/** What somebody wants to hear of the project as a whole. */
export interface Handlers {
  /** The stream begins, or begins again: whatever was read before may be old. */
  readonly onHello: () => void;
  readonly onWorkflows?: (items: readonly Workflow[]) => void;
  /** Something else is different now: approvals, capacity, deliveries, hold, locks, …. */
  readonly onChanged?: (what: string) => void;
}

/** The one stream of the project that all who follow it share: a browser has few connections. */
export interface Shared {
  readonly live: Live;
  /** Begin to tell these; returns how to stop. */
  readonly follow: (handlers: Handlers) => () => void;
}

export const ProjectStreamContext = createContext<Shared>({
  live: { state: { kind: "connecting" }, retry: () => undefined },
  follow: () => () => undefined,
});

/** Follows what changes in the project as a whole. */
export function useProjectLive(handlers: Handlers): Live {
  const { live, follow } = useContext(ProjectStreamContext);
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(
    () =>
      follow({
        onHello: () => {
          latest.current.onHello();
        },
        onWorkflows: (items) => latest.current.onWorkflows?.(items),
        onChanged: (what) => latest.current.onChanged?.(what),
      }),
    [follow],
  );
  return live;
}
