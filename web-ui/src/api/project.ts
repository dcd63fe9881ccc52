/** What the REST API answers about the project as a whole; docs/api.md describes it. */

import type { Approval, Schedule, Values } from "./types";

/** An approval that waits for somebody, and whose it is. */
export interface OpenApproval extends Approval {
  readonly workflow: string;
  readonly playbook: string;
  readonly environment: string;
}

/** What keeps new workflows from beginning now. */
export interface Hold {
  readonly held: boolean;
  readonly reason: string;
  readonly actor: string | null;
  readonly since: string | null;
  readonly freezes: readonly {
    readonly name: string;
    readonly environments: readonly string[] | null;
    readonly allow_priority: string | null;
    readonly until: string | null;
  }[];
}

/** What became of a slot. */
export interface Decided {
  readonly slot: string;
  readonly at: string;
  readonly outcome: string;
  readonly workflow: string | null;
  readonly reason: string;
  readonly decided_at: string;
}

export interface ScheduleDetail extends Schedule {
  readonly history: readonly Decided[];
}

/** A slot of an expression; `remark` says what the clock's change does to it. */
export interface ComingSlot {
  readonly slot: string;
  readonly at: string;
  readonly remark: string;
}

/** A slot of a schedule in the calendar. */
export interface CalendarSlot extends ComingSlot {
  readonly schedule: string;
  readonly playbook: string;
  readonly environment: string | null;
}

/** Schedules that want more at once than there is. */
export interface Collision {
  readonly at: string;
  readonly names: readonly string[];
  readonly resource: string;
  readonly needed: number;
  readonly there: number;
  readonly late: string;
  /** When the late one will begin; null: never. */
  readonly starts: string | null;
  readonly text: string;
}

export interface Outlook {
  readonly at: string;
  /** How far ahead it looks: less far than asked where very much is scheduled. */
  readonly until: string;
  readonly pools: readonly {
    readonly name: string;
    readonly used: number;
    readonly of: number | null;
  }[];
  readonly queue: readonly {
    readonly workflow: string;
    readonly playbook: string;
    readonly priority: string;
    readonly since: string;
    readonly reason: string;
  }[];
  readonly scheduled: readonly {
    readonly at: string;
    readonly schedule: string;
    readonly duration: number;
    readonly needs: Readonly<Record<string, number>>;
  }[];
  readonly collisions: readonly Collision[];
  readonly unknown_durations: readonly string[];
  /** How far rate limits are used up. */
  readonly rates: readonly Rate[];
  /** Where the settings of whoever serves are not those in force. */
  readonly warnings: readonly string[];
}

/** A rate limit: at most so many calls in a period (seconds). */
export interface Rate {
  readonly name: string;
  readonly commands: readonly string[];
  readonly most: number;
  readonly period: number;
  /** So many may begin at once. */
  readonly left: number;
  readonly waiting: number;
  /** When one more may begin; null: now. */
  readonly next_at: string | null;
}

/** Whether all that was recorded is still there as it was. */
export interface Verification {
  readonly sound: boolean;
  /** The first ones; `found` is how many there are. */
  readonly findings: readonly {
    readonly kind: string;
    readonly message: string;
    readonly workflow?: string;
    readonly number?: number;
  }[];
  readonly found: number;
  readonly workflows: number;
  readonly events: number;
  readonly actions: number | null;
  /** Null: there is no key to verify them with. */
  readonly checkpoints: number | null;
  readonly head: { readonly action: number; readonly hash: string } | null;
}

/** Signed checkpoints, the latest first. */
export interface Checkpoints {
  readonly items: readonly { readonly at: string; readonly key: string }[];
  /** Whether the machine that serves has a key to sign with. */
  readonly signs: boolean;
}

export interface Token {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly environments: readonly string[] | null;
  readonly playbooks: readonly string[] | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_at: string | null;
}

/** What a schedule is made of, as it is sent. */
export interface NewSchedule {
  readonly name?: string;
  readonly playbook: string;
  readonly cron: string;
  readonly time_zone?: string;
  readonly environment?: string;
  readonly parameters: Values;
  readonly enabled: boolean;
  readonly dst: string;
  readonly catch_up: string;
  readonly overlap: string;
  readonly jitter: number;
  readonly replace: boolean;
  readonly yes: boolean;
}

export interface Integration {
  readonly name: string;
  readonly kind: string;
  /** Null: of every playbook that has none of this kind. */
  readonly playbook: string | null;
  /** Where it sends; credentials are masked. */
  readonly target: string;
  readonly events: readonly string[];
  readonly environments: readonly string[] | null;
  /** Why it is off, or "". */
  readonly off: string;
  readonly counts: {
    readonly delivered: number;
    readonly waiting: number;
    readonly failed: number;
  };
  readonly last_delivery: string | null;
  readonly last_error: string | null;
}

export interface Integrations {
  readonly items: readonly Integration[];
  /** Playbooks that cannot be read. */
  readonly invalid: readonly string[];
}
