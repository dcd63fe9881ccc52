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
}

export interface Environment {
  readonly name: string;
  readonly protected: boolean;
  readonly description: string;
}

/** Something that a workflow waits for; which fields there are depends on its kind. */
export interface Wait extends Partial<Blocker> {
  readonly kind: string;
  /** Of the step; "" is the whole playbook. */
  readonly path: string;
  readonly since?: string | null;
  readonly until?: string | null;
  readonly message?: string;
  readonly event?: string;
  readonly source?: string | null;
  readonly limit?: string;
}

/** Who has what something waits for. */
export interface Blocker {
  readonly path?: string;
  readonly lock?: string;
  readonly resource?: string;
  /** null: one that is beyond the rights of whoever asks. */
  readonly workflow: string | null;
  readonly step: string | null;
  readonly since?: string | null;
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
  readonly waits_for: readonly Wait[];
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
  /** Paths of the steps that run now. */
  readonly running: readonly string[];
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
  /** Of a loop: how many iterations there are. */
  readonly iterations?: number;
  readonly planned: boolean;
  readonly role: string | null;
}

/** One attempt of a step: when, how it ended, how much it wrote. */
export interface Attempt {
  /** Its position in the journal, by which its output is asked for. */
  readonly attempt: number;
  readonly number: number;
  /** How it ended; null while it runs. */
  readonly status: string | null;
  readonly message: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** How much it wrote; null where that is known elsewhere only. */
  readonly bytes: number | null;
}

export interface StepDetail extends Step {
  readonly attempts_made: readonly Attempt[];
  /** What its journal says, the latest last. */
  readonly events: readonly {
    readonly type: string;
    readonly data: Readonly<Record<string, Json>>;
  }[];
  readonly output?: Json;
}

export interface PlaybookEntry {
  readonly name: string;
  readonly path: string;
  readonly origin: string;
  readonly category: string | null;
  readonly description: string;
  readonly tags: readonly string[];
  readonly version: string | null;
  readonly valid: boolean;
  readonly errors: number;
}

export interface Parameter extends ApprovalInput {
  readonly secret?: boolean;
}

export interface PlaybookDetail extends PlaybookEntry {
  readonly problem: string;
  readonly environments: readonly string[] | null;
  readonly holds: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly steps: readonly {
    readonly path: string;
    readonly kind: string;
    readonly role: string | null;
    readonly call: string | null;
    readonly notes: readonly string[];
  }[];
  readonly commands: readonly { readonly command: string; readonly origin: string }[];
  readonly usual_duration: number | null;
}

/** What the check of a playbook found at a place; lines and columns are counted from 1. */
export interface Finding {
  readonly rule: string;
  readonly severity: "error" | "warning" | "note";
  readonly message: string;
  readonly hint: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What the run form of a playbook is made of. */
export interface RunForm {
  readonly parameters: readonly Parameter[];
  /** Values that the environment's file gives, which win over what is left out. */
  readonly given: Values;
  readonly environments: readonly (string | Environment)[];
  readonly protected: boolean;
}

export interface DryRun {
  readonly environment: string;
  readonly parameters: Values;
  readonly can_run: boolean;
  readonly state: string;
  readonly estimate: { readonly seconds: number; readonly workflows: number };
  readonly problems?: readonly unknown[];
  readonly steps: readonly {
    readonly path: string;
    readonly kind: string;
    readonly label: string | null;
    readonly state: string;
    readonly message: string;
    readonly reasons: readonly unknown[];
    readonly call: string | null;
  }[];
}

export interface Schedule {
  readonly name: string;
  readonly playbook: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly environment: string | null;
  readonly parameters: Values;
  readonly actor: string;
  readonly enabled: boolean;
  readonly declared_in: string | null;
  readonly next_at: string | null;
  readonly dst: string;
  readonly catch_up: string;
  readonly overlap: string;
  /** Seconds. */
  readonly jitter: number;
}

export interface LockHolder {
  readonly workflow: string;
  readonly step: string;
  readonly since: string;
  readonly state: string;
  readonly owner: string;
  readonly shared?: boolean;
  readonly token?: number;
}

export interface Locks {
  readonly locks: readonly {
    readonly name: string;
    readonly held_by: readonly LockHolder[];
    readonly waiting: readonly LockHolder[];
  }[];
}

export interface Delivery {
  readonly key: string;
  readonly workflow: string;
  readonly playbook: string;
  readonly integration: string;
  readonly event: string;
  readonly at: string;
  readonly state: string;
  readonly failed_attempts: number;
  readonly next_at: string | null;
  readonly settled_at: string | null;
  readonly error: string;
}

export interface AuditEntry {
  readonly at: string;
  readonly action: string;
  readonly actor?: string;
  readonly from?: unknown;
  readonly workflow?: string;
  readonly subject?: string;
  readonly reason?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly chain: string;
  readonly number: number;
  readonly hash: string;
  readonly details?: Values;
}
