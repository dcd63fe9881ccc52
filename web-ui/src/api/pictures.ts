import type { Counts } from "./types";

/** A step in the graph of a playbook or a workflow. */
export interface Figure {
  /** In the plan: iterations and tries left out. */
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly call: string;
  /** "" for what was not reached; in a loop the worst of its iterations. */
  readonly state: string;
  /** Positions, in the same group, of those after which it may start. */
  readonly follows: readonly number[];
  readonly groups: readonly FigureGroup[];
  /** Of a workflow, for a figure that contains others: the steps in it by state. */
  readonly counts?: Counts;
  /** Of a loop that was reached. */
  readonly iterations?: number | null;
}

export interface FigureGroup {
  readonly caption: string;
  /** Handlers: they do not run in the ordinary course of things, or after it. */
  readonly aside: boolean;
  readonly figures: readonly Figure[];
}

export interface Graph {
  readonly title: string;
  readonly groups: readonly FigureGroup[];
}

/** A stretch of a row of a Gantt chart. */
export interface GanttBar {
  readonly started_at: string;
  readonly finished_at: string;
  /** A state, or `waiting`. */
  readonly what: string;
  readonly about: string;
  /** Which wait it is: `claim`, `retry`, `timer`, …; "" for an attempt. */
  readonly wait: string;
  readonly subject: string;
}

export interface GanttRow {
  readonly depth: number;
  readonly name: string;
  readonly path: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly status: string;
  readonly critical: boolean;
  readonly bars: readonly GanttBar[];
}

export interface Gantt {
  readonly started_at: string;
  readonly finished_at: string;
  readonly rows: readonly GanttRow[];
  /** How many shorter rows are left out. */
  readonly hidden: number;
  /** Waits of the workflow as a whole. */
  readonly waits: readonly GanttBar[];
}
