import { useCallback, useEffect, useRef, useState } from "react";

import { leave, OVER } from "../api/session";
import { LiveConnection, type LiveState } from "./connection";
import type { ServerEvent } from "./parser";

export interface Live {
  readonly state: LiveState;
  /** Reconnect now instead of after the wait. */
  readonly retry: () => void;
}

/**
 * Follows a stream while the page is in sight. A hidden tab gives its connection up, because a
 * browser has only six of them for a server, and goes on after the last event when it is looked at
 * again. `after` is the event that the page has already; null means that it is not known yet.
 */
export function useLive(
  address: string,
  after: string | null,
  onEvent: (event: ServerEvent) => void,
): Live {
  const [state, setState] = useState<LiveState>({ kind: "connecting" });
  const [hidden, setHidden] = useState(() => document.hidden);
  const connection = useRef<LiveConnection | null>(null);
  const handler = useRef(onEvent);
  const last = useRef("");
  useEffect(() => {
    handler.current = onEvent;
  });

  useEffect(() => {
    const look = () => {
      setHidden(document.hidden);
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
    };
  }, []);

  useEffect(() => {
    last.current = after ?? "";
  }, [address, after]);

  useEffect(() => {
    if (after === null || hidden) return undefined;
    const live = new LiveConnection(
      address,
      {
        onEvent: (event) => {
          last.current = event.id;
          handler.current(event);
        },
        onState: (next) => {
          if (next.kind === "refused" && next.status === 401) leave(OVER);
          setState(next);
        },
      },
      last.current,
    );
    connection.current = live;
    live.open();
    return () => {
      live.close();
    };
  }, [address, after, hidden]);

  const retry = useCallback(() => {
    connection.current?.retryNow();
  }, []);
  return { state, retry };
}
