import type { Counts, Finding } from "./types";

/** One thing that can happen to a step, and what comes of it. All names are paths of steps. */
export interface Outcome {
  readonly path: string;
  readonly mishap: string;
  /** Whose time is over, if it is that of something around the step. */
  readonly of: string | null;
  readonly handlers: readonly string[];
  readonly done: readonly string[];
  readonly partial: readonly string[];
  readonly owner: string | null;
  readonly state: string;
  readonly resume: {
    readonly runs: readonly string[];
    readonly attaches: readonly string[];
    readonly decide: readonly string[];
    readonly reuses: readonly string[];
  };
}

export interface FailureMatrix {
  readonly state: string;
  readonly bounded: boolean;
  readonly notes: readonly string[];
  readonly rules: readonly {
    readonly rule: string;
    readonly holds: boolean;
    readonly note: string | null;
  }[];
  readonly breaches: readonly {
    readonly rule: string;
    readonly path: string;
    readonly mishap: string;
    readonly of: string | null;
    readonly why: string;
  }[];
  readonly steps: readonly {
    readonly path: string;
    readonly label: string | null;
    readonly call: string;
    readonly when: string | null;
    readonly outcomes: readonly Outcome[];
  }[];
}

/** What was found by going every way through a playbook. */
export interface Simulation {
  readonly walks: number;
  /** Ways that were left out. */
  readonly left: number;
  readonly states: Counts;
  /** Steps as the first way goes through them. */
  readonly order: readonly string[];
  readonly unreached: readonly { readonly path: string; readonly why: string }[];
  readonly problems: readonly {
    readonly path: string;
    readonly message: string;
    readonly only_if: readonly string[];
  }[];
  readonly endless: readonly (readonly string[])[];
  readonly shortest: number | null;
  readonly longest: number | null;
}

/** What was found in a playbook: see docs/cli.md, `validate --json`. */
export interface CheckReport {
  readonly environment: string;
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  readonly failures?: FailureMatrix;
  readonly simulation?: Simulation;
}
