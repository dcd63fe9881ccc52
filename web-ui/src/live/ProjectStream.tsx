import { type ReactNode, useCallback, useMemo, useRef } from "react";

import { address } from "../api/client";
import type { Workflow } from "../api/types";
import type { ServerEvent } from "./parser";
import { useLive } from "./useLive";
import { type Handlers, ProjectStreamContext } from "./useProjectLive";

/** Reads the stream of the project once, for everything in it. */
export function ProjectStream({ children }: { children: ReactNode }) {
  const followers = useRef(new Set<Handlers>());
  const { state, retry } = useLive(address(["stream"]), "", (event) => {
    for (const one of [...followers.current]) tell(one, event);
  });
  const follow = useCallback((handlers: Handlers) => {
    followers.current.add(handlers);
    return () => {
      followers.current.delete(handlers);
    };
  }, []);
  const shared = useMemo(() => ({ live: { state, retry }, follow }), [state, retry, follow]);
  return <ProjectStreamContext value={shared}>{children}</ProjectStreamContext>;
}

function tell(follower: Handlers, event: ServerEvent): void {
  if (event.type === "hello") follower.onHello();
  else if (event.type === "workflows") {
    follower.onWorkflows?.((JSON.parse(event.data) as { items: Workflow[] }).items);
  } else if (event.type === "changed") {
    follower.onChanged?.((JSON.parse(event.data) as { what: string }).what);
  }
}
