import type { NewSchedule } from "../../api/project";
import type { Schedule } from "../../api/types";
import { type Field, type Texts, values } from "../../model/form";

/** A schedule as somebody writes it: everything is text until it is sent. */
export interface Draft {
  readonly name: string;
  readonly playbook: string;
  readonly environment: string;
  readonly cron: string;
  readonly zone: string;
  readonly dst: string;
  readonly catchUp: string;
  readonly overlap: string;
  readonly jitter: string;
  readonly enabled: boolean;
}

/** What the policies are called, and what they mean. */
export const DST = [
  ["run-once", "once: as soon as the clock goes on, and only the first of two"],
  ["skip", "not at a time that is left out"],
  ["run-twice", "both times, where it comes twice"],
] as const;

export const CATCH_UP = [
  ["latest", "the newest slot is made up for"],
  ["skip", "nothing is made up for"],
  ["all", "each slot is made up for"],
] as const;

export const OVERLAP = [
  ["skip", "the new slot is left out"],
  ["queue", "the new one waits until it is over"],
  ["allow", "both run"],
  ["cancel_previous", "the earlier one is cancelled"],
] as const;

export const BLANK: Draft = {
  name: "",
  playbook: "",
  environment: "",
  cron: "0 2 * * *",
  zone: "",
  dst: "run-once",
  catchUp: "latest",
  overlap: "skip",
  jitter: "0",
  enabled: false,
};

export function draftOf(schedule: Schedule): Draft {
  return {
    name: schedule.name,
    playbook: schedule.playbook,
    environment: schedule.environment ?? "",
    cron: schedule.cron,
    zone: schedule.time_zone,
    dst: schedule.dst,
    catchUp: schedule.catch_up,
    overlap: schedule.overlap,
    jitter: String(schedule.jitter),
    enabled: schedule.enabled,
  };
}

/** What is wrong with the seconds by which slots are put off, or "". */
export function jitterObjection(text: string): string {
  const seconds = Number(text);
  const fits = text.trim() !== "" && Number.isFinite(seconds) && seconds >= 0 && seconds <= 86_400;
  return fits ? "" : "This has to be a number of seconds, at most 86400.";
}

/** What is sent; `existing` is to be changed, not made. */
export function bodyOf(
  draft: Draft,
  fields: readonly Field[],
  given: Texts,
  how: { readonly existing: boolean; readonly yes: boolean },
): NewSchedule {
  const { name, playbook, environment, cron, zone, dst, catchUp, overlap, jitter } = draft;
  return {
    playbook,
    cron: cron.trim(),
    parameters: values(fields, given),
    enabled: draft.enabled,
    dst,
    catch_up: catchUp,
    overlap,
    jitter: Number(jitter),
    replace: how.existing,
    yes: how.yes,
    ...(name.trim() === "" ? {} : { name: name.trim() }),
    ...(zone.trim() === "" ? {} : { time_zone: zone.trim() }),
    ...(environment === "" ? {} : { environment }),
  };
}
