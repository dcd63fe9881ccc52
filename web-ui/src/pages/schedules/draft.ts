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

/** A policy's name as it is sent, what it is called, and what it means. */
export type Policy = readonly [string, string, string];

export const DST: readonly Policy[] = [
  ["run-once", "once", "A time that is left out comes as soon as the clock goes on."],
  ["skip", "not at a time that is left out", "Of a time that comes twice, the first counts."],
  ["run-twice", "twice at a time that comes twice", "One that is left out comes a little later."],
];

export const CATCH_UP: readonly Policy[] = [
  ["latest", "make up for the newest", "The slots before it are recorded as missed."],
  ["skip", "make up for nothing", "All that were due are recorded as missed."],
  ["all", "make up for each", "They come one after the other."],
];

export const OVERLAP: readonly Policy[] = [
  ["skip", "leave the new one out", "It is recorded as skipped."],
  ["queue", "let the new one wait", "It begins when the earlier one is over."],
  ["allow", "let both run", "They may be in each other's way; locks keep them apart."],
  ["cancel_previous", "cancel the earlier one", "It cleans up, and the new one begins."],
];

/** Of a policy, what it is called and what it means. */
export function meaning(of: readonly Policy[], value: string): readonly [string, string] {
  const found = of.find(([one]) => one === value);
  return found === undefined ? [value, ""] : [found[1], found[2]];
}

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
