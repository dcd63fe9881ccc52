import type { Slot } from "../../api/types";
import { clock } from "../../model/times";

export interface Day {
  readonly day: string;
  readonly slots: readonly Slot[];
}

const NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Slots by day, in the user's time zone, in order. */
export function byDay(slots: readonly Slot[]): readonly Day[] {
  const days = new Map<string, Slot[]>();
  for (const slot of [...slots].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const date = clock(slot.at).slice(0, 10);
    const name = NAMES[new Date(slot.at).getDay()] ?? "";
    const day = `${name}, ${date}`;
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return [...days].map(([day, those]) => ({ day, slots: those }));
}
