import { useCallback, useEffect, useRef } from "react";

import { read } from "../api/client";
import { type Resource, useResource } from "../components/useResource";
import { useProjectLive } from "./useProjectLive";

/** Milliseconds between two readings at least: workflows change more often than anybody looks. */
const PAUSE = 1500;

/**
 * What is at an address, read again when one of `kinds` (such as `workflows`, `schedules`) changed,
 * and when the connection is there again.
 */
export function useLiveResource<T>(where: string, ...kinds: readonly string[]): Resource<T> {
  const found = useResource(where, (signal) => read<T>(where, signal));
  const soon = useSoon(found.reload);
  useProjectLive({
    onHello: found.reload,
    onWorkflows: () => {
      if (kinds.includes("workflows")) soon();
    },
    onChanged: (what) => {
      if (kinds.includes(what)) soon();
    },
  });
  return found;
}

/** Does it at most once in a while: at once, and once more at the end if it was asked for again. */
export function useSoon(act: () => void): () => void {
  const last = useRef(0);
  const timer = useRef(0);
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
    },
    [],
  );
  return useCallback(() => {
    window.clearTimeout(timer.current);
    const left = last.current + PAUSE - Date.now();
    const go = () => {
      last.current = Date.now();
      act();
    };
    if (left <= 0) go();
    else timer.current = window.setTimeout(go, left);
  }, [act]);
}
