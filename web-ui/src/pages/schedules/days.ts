import type { CalendarSlot, Collision } from "../../api/project";
import { clock } from "../../model/times";

/** A day of the calendar: what starts, and what does not fit. */
export interface Day {
  /** `2026-11-24`, in the user's time zone. */
  readonly date: string;
  readonly title: string;
  readonly slots: readonly CalendarSlot[];
  readonly collisions: readonly Collision[];
}

const NAMES = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** So many days from a moment on, in the user's time zone, those without a slot too. */
export function days(
  slots: readonly CalendarSlot[],
  collisions: readonly Collision[],
  from: Date,
  count: number,
): readonly Day[] {
  const of = <T extends { readonly at: string }>(all: readonly T[], date: string) =>
    all
      .filter((one) => clock(one.at).startsWith(date))
      .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(from.getFullYear(), from.getMonth(), from.getDate() + index);
    const date = clock(day.toISOString()).slice(0, 10);
    const title = `${NAMES[day.getDay()] ?? ""} ${date.slice(5)}`;
    return { date, title, slots: of(slots, date), collisions: of(collisions, date) };
  });
}

/** What makes a slot late, if anything does. */
export function inItsWay(slot: CalendarSlot, collisions: readonly Collision[]): Collision | null {
  const found = collisions.find(
    (one) =>
      one.late === slot.schedule && Math.abs(Date.parse(one.at) - Date.parse(slot.at)) < 60_000,
  );
  return found ?? null;
}
