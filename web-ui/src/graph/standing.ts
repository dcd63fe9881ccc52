import type { Figure } from "../api/pictures";
import type { Counts, Step } from "../api/types";
import { above, stateOf, type Tree } from "../model/tree";
import type { Box } from "./layout";

/** How a box stands. */
export interface Standing {
  /** Null for what was not reached. */
  readonly state: string | null;
  /** The steps in it by state. */
  readonly counts: Counts;
  /** Of a loop that was reached: how many iterations it has. */
  readonly iterations: number | null;
  /** The entry of the step tree, if it was read or told. */
  readonly step: Step | null;
}

/** A path without its tries: `spread[retry 2]/left` is `spread/left`. */
export function withoutTries(path: string): string {
  return path.replace(/\[retry \d+\]/g, "");
}

/** Whether a path goes through an iteration. */
export function isInLoop(path: string): boolean {
  return path.includes("[");
}

const ACTIVE = new Set(["running", "waiting", "parked"]);

/**
 * What the stream told of steps since the page listens. What is in loops is left out, for there may
 * be very much of it: the tree reads and keeps what of that is looked at.
 */
export class StepNews {
  readonly #steps = new Map<string, Step>();
  readonly #active = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #version = 0;

  /** Steps that are different now. */
  take(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.children === 0 && step.state !== null && ACTIVE.has(step.state)) {
        this.#active.add(step.path);
      } else {
        this.#active.delete(step.path);
      }
      const path = withoutTries(step.path);
      if (!isInLoop(path)) this.#steps.set(path, step);
    }
    this.#changed();
  }

  /** What runs now, as it was read; it counts as long as nothing was told. */
  begin(running: readonly string[]): void {
    if (this.#version > 0) return;
    for (const path of running) this.#active.add(path);
    this.#changed();
  }

  /** Something was forgotten: what was told does not count any more. */
  clear(): void {
    this.#steps.clear();
    this.#active.clear();
    this.#changed();
  }

  get(path: string): Step | undefined {
    return this.#steps.get(path);
  }

  /** A step that runs or waits: the same one as long as it does. */
  get active(): string | null {
    for (const path of this.#active) return path;
    return null;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly version = (): number => this.#version;

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

/** How a box of a workflow stands: by what was told last, what was read, what the graph says. */
export function standingOf(box: Box, tree: Tree, news: StepNews): Standing {
  const step = news.get(box.path) ?? tree.steps.get(box.path);
  if (step !== undefined) {
    const { counts, iterations = null } = step;
    return { state: stateOf(step), counts, iterations, step };
  }
  return isInLoop(box.path) ? UNKNOWN : written(box.figure);
}

const UNKNOWN: Standing = { state: null, counts: {}, iterations: null, step: null };

function written(figure: Figure): Standing {
  const { state, counts = {}, iterations = null } = figure;
  return { state: state === "" ? null : state, counts, iterations, step: null };
}

/**
 * What of the step tree has to be read to know how some boxes in loops stand. What is in an entry
 * that is not known yet can only be asked for afterwards.
 */
export function unread(boxes: readonly Box[], tree: Tree): readonly string[] {
  const found = new Set<string>();
  const want = (path: string) => {
    if ((tree.steps.get(path)?.children ?? 0) > 0 && !tree.branches.has(path)) found.add(path);
  };
  for (const { path, iteration, open, figure } of boxes) {
    if (open && (figure.iterations ?? tree.steps.get(path)?.iterations ?? 0) > 0) {
      if (!isInLoop(path) && !tree.branches.has(path)) found.add(path);
      want(path);
    }
    if (iteration !== null) want(iteration);
    if (isInLoop(path)) above(path).filter(isInLoop).forEach(want);
  }
  return [...found];
}
