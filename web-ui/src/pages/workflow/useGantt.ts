import { useEffect, useRef, useState } from "react";

import { address, read } from "../../api/client";
import type { Gantt } from "../../api/pictures";
import { Problem } from "../../api/problem";

const MOST_ROWS = 500;
/** Milliseconds between two questions at least; more if the server needs long for an answer. */
const PAUSE = 1500;
const PATIENCE = 4;

interface Held {
  readonly chart: Gantt | null;
  readonly error: Problem | null;
  /** The position in the journal up to which it was asked for. */
  readonly seq: number;
  /** When it came, and how long that took, in milliseconds. */
  readonly at: number;
  readonly took: number;
}

export interface FoundGantt {
  readonly chart: Gantt | null;
  readonly error: Problem | null;
  /** When the chart came, in milliseconds since the epoch. */
  readonly at: number;
  readonly retry: () => void;
}

const NOTHING: Held = { chart: null, error: null, seq: -1, at: 0, took: 0 };

/** The Gantt chart of a workflow, asked for anew when something has happened, but not too often. */
export function useGantt(workflow: string, seq: number): FoundGantt {
  const [held, setHeld] = useState<Held>(NOTHING);
  const asking = useRef(false);
  useEffect(() => {
    if (asking.current || held.seq === seq) return undefined;
    const wait = held.at + Math.max(PAUSE, PATIENCE * held.took) - Date.now();
    const timer = window.setTimeout(
      () => {
        asking.current = true;
        const began = Date.now();
        const settle = (found: Pick<Held, "chart" | "error">) => {
          asking.current = false;
          const at = Date.now();
          setHeld((before) => ({
            ...found,
            chart: found.chart ?? before.chart,
            seq,
            at,
            took: at - began,
          }));
        };
        read<Gantt>(address(["workflows", workflow, "gantt"], { limit: MOST_ROWS })).then(
          (chart) => {
            settle({ chart, error: null });
          },
          (reason: unknown) => {
            settle({ chart: null, error: Problem.of(reason) });
          },
        );
      },
      held.seq < 0 ? 0 : Math.max(0, wait),
    );
    return () => {
      window.clearTimeout(timer);
    };
  }, [workflow, seq, held]);
  return {
    chart: held.chart,
    error: held.error,
    at: held.at,
    retry: () => {
      setHeld({ ...held, seq: -1 });
    },
  };
}
