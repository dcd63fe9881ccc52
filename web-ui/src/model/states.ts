/** How a state is drawn: a tone (its colour), a shape and a word, so that colour is never alone. */
export interface Look {
  readonly tone: "succeeded" | "failed" | "running" | "waiting" | "paused" | "attention" | "idle";
  readonly shape: Shape;
  readonly word: string;
}

export type Shape =
  | "check"
  | "cross"
  | "arrow"
  | "clock"
  | "hand"
  | "bars"
  | "exclamation"
  | "ring"
  | "slash"
  | "forward"
  | "dash"
  | "question";

const LOOKS: Readonly<Record<string, Look>> = {
  queued: { tone: "idle", shape: "ring", word: "queued" },
  running: { tone: "running", shape: "arrow", word: "running" },
  paused: { tone: "paused", shape: "bars", word: "paused" },
  waiting: { tone: "waiting", shape: "hand", word: "waiting" },
  succeeded: { tone: "succeeded", shape: "check", word: "succeeded" },
  failed: { tone: "failed", shape: "cross", word: "failed" },
  cancelled: { tone: "idle", shape: "slash", word: "cancelled" },
  completed: { tone: "idle", shape: "forward", word: "completed by force" },
  needs_attention: { tone: "attention", shape: "exclamation", word: "needs attention" },
  timed_out: { tone: "failed", shape: "clock", word: "timed out" },
  skipped: { tone: "idle", shape: "dash", word: "skipped" },
  unknown: { tone: "attention", shape: "question", word: "unknown" },
  parked: { tone: "attention", shape: "exclamation", word: "needs a decision" },
};

/** The look of a workflow's or a step's state; one that is new to this console is shown as it is. */
export function lookOf(state: string): Look {
  return LOOKS[state] ?? { tone: "idle", shape: "ring", word: state.replaceAll("_", " ") };
}

/** The states of workflows, in the order in which an operator wants them. */
export const WORKFLOW_STATES = [
  "needs_attention",
  "waiting",
  "running",
  "paused",
  "queued",
  "failed",
  "succeeded",
  "cancelled",
  "completed",
] as const;

const FINAL = new Set(["succeeded", "failed", "cancelled", "completed"]);

/** Whether a workflow in this state does nothing more by itself. */
export function isFinal(state: string): boolean {
  return FINAL.has(state);
}
