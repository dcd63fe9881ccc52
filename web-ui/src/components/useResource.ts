import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { Problem } from "../api/problem";

/** What was asked for: not there yet, there, or refused; what was there before stays meanwhile. */
export interface Resource<T> {
  readonly value: T | null;
  readonly error: Problem | null;
  readonly busy: boolean;
  /** Ask again; what is shown stays until the answer is there. */
  readonly reload: () => void;
}

interface Held<T> {
  readonly key: string | null;
  readonly turn: number;
  readonly value: T | null;
  readonly error: Problem | null;
}

/**
 * Asks when `key` changes, and forgets answers to what was asked before. `load` may be another
 * function each time: only `key` counts. A null key asks for nothing.
 */
export function useResource<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const [held, setHeld] = useState<Held<T>>({ key: null, turn: 0, value: null, error: null });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });

  useEffect(() => {
    if (key === null) return undefined;
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (value) => {
        if (abort.signal.aborted) return;
        setHeld({ key, turn, value, error: null });
      },
      (reason: unknown) => {
        if (abort.signal.aborted) return;
        setHeld((before) => ({
          key,
          turn,
          value: before.key === key ? before.value : null,
          error: Problem.of(reason),
        }));
      },
    );
    return () => {
      abort.abort();
    };
  }, [key, turn]);

  const reload = useCallback(() => {
    setTurn((before) => before + 1);
  }, []);
  const fits = held.key === key;
  const value = fits ? held.value : null;
  const error = fits ? held.error : null;
  const busy = key !== null && !(fits && held.turn === turn);
  return useMemo(() => ({ value, error, busy, reload }), [value, error, busy, reload]);
}
