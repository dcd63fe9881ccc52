/** What the REST API answers with; docs/api.md describes it. Only fields that the console uses. */

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Values = Readonly<Record<string, Json>>;
export type Counts = Readonly<Record<string, number>>;

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export type Scope = "view" | "run" | "approve" | "admin";

export interface Session {
  readonly actor: string;
  readonly scopes: readonly Scope[];
  readonly environments: readonly string[] | null;
  readonly playbooks: readonly string[] | null;
  readonly csrf: string;
  readonly expires_at: string | null;
}

export interface Project {
  readonly name: string;
  readonly version: string;
  readonly engine: string;
  readonly environments: readonly Environment[];
  readonly held: unknown;
}

export interface Environment {
  readonly name: string;
  readonly protected: boolean;
  readonly description: string;
}

/** Who has what something waits for. */
export interface Blocker {
  readonly path?: string;
  readonly lock?: string;
  readonly resource?: string;
  readonly workflow: string;
  readonly step: string | null;
  readonly since?: string;
  readonly waits?: boolean;
}

export interface Workflow {
  readonly id: string;
  readonly playbook: string;
  readonly state: string;
  readonly owner: string | null;
  readonly environment: string;
  readonly parameters: Values;
  readonly actor: string;
  readonly reason: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly resume_at: string | null;
  readonly waits_for?: readonly Blocker[];
}

export interface Checkpoint {
  readonly id: string;
  readonly name: string;
  readonly step: string | null;
  readonly at: string;
}

export interface Parked {
  readonly path: string;
  readonly subject: string;
  readonly message: string;
  readonly choices: readonly string[];
}

export interface WorkflowError {
  readonly step?: string | null;
  readonly message: string;
  readonly exit_code?: number | null;
  readonly timed_out?: boolean;
}

export interface ApprovalInput {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: Json;
  readonly choices?: readonly Json[] | null;
}

export interface Approval {
  readonly path: string;
  readonly waits: boolean;
  readonly message: string;
  readonly approvers: readonly string[] | null;
  readonly inputs: readonly ApprovalInput[];
  readonly minimum: number;
  readonly on_timeout: string;
  readonly asked_at: string;
  readonly deadline: string | null;
  readonly answers: readonly {
    readonly actor: string;
    readonly at: string;
    readonly answer: string;
    readonly comment?: string;
    readonly reason?: string;
  }[];
}

export interface WorkflowDetail extends Workflow {
  readonly error: WorkflowError | null;
  readonly outputs: Values;
  readonly checkpoints: readonly Checkpoint[];
  readonly parked: readonly Parked[];
  readonly warnings: readonly unknown[];
  readonly approvals?: readonly Approval[];
  readonly counts: Counts;
  readonly seq: number;
  readonly running: boolean;
}

/** An entry of the step tree. */
export interface Step {
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly label: string | null;
  readonly state: string | null;
  readonly attempts: number;
  readonly exit_code: number | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly duration: number | null;
  readonly output: Json;
  readonly message?: string;
  readonly progress?: number;
  readonly waits_for?: readonly Blocker[];
  readonly awaits?: Values;
  readonly undoing?: string;
  readonly undone?: boolean;
  readonly left_running?: readonly string[];
  readonly survivors?: readonly string[];
  readonly children: number;
  readonly counts: Counts;
  readonly planned: boolean;
  readonly role: string | null;
}

/** One attempt of a step: when, how it ended, how much it wrote. */
export interface Attempt {
  readonly attempt: number;
  readonly state: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly bytes: number;
}

export interface StepDetail extends Step {
  readonly tries: readonly Attempt[];
}
