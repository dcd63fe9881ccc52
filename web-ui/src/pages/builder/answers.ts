import type { Finding } from "../../api/types";
import type { Scopes } from "../../builder/completion";
import type { Path } from "../../builder/source";

/** What `POST /check/simulation` answers with. */
export interface Simulation {
  readonly walks: number;
  readonly left: number;
  readonly states: Readonly<Record<string, number>>;
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

/** What `POST /check/failures` answers with. */
export interface FailureMatrix {
  readonly state: string;
  readonly bounded: boolean;
  readonly notes: readonly string[];
  readonly breaches: readonly {
    readonly rule: string;
    readonly path: string;
    readonly why: string;
  }[];
  readonly steps: readonly {
    readonly path: string;
    readonly outcomes: readonly {
      readonly mishap: string;
      readonly of: string | null;
      readonly handlers: readonly string[];
      readonly done: readonly string[];
      readonly partial: readonly string[];
      readonly state: string;
    }[];
  }[];
}

/** A finding, and at which node of the document it is; null, if at none. */
export interface Placed extends Finding {
  readonly path?: Path | null;
}

/** What `POST /check` answers with. */
export interface Checked {
  readonly valid: boolean;
  readonly findings: readonly Placed[];
  readonly scopes?: Scopes | null;
}
