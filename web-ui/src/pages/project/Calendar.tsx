import type { Slot } from "../../api/types";
import { clock } from "../../model/times";
import { byDay } from "./days";

/** Coming slots, day by day, in the time zone of whoever looks. */
export function Calendar({ slots, more }: { slots: readonly Slot[]; more: boolean }) {
  return (
    <div className="inside stack">
      {byDay(slots).map(({ day, slots: those }) => (
        <div key={day}>
          <h3>{day}</h3>
          <ul className="plainlist calendar">
            {those.map((slot, index) => (
              <li key={`${slot.schedule} ${slot.at} ${index}`}>
                <time dateTime={slot.at}>{clock(slot.at).slice(11, 16)}</time> {slot.schedule}
              </li>
            ))}
          </ul>
        </div>
      ))}
      {more ? <p className="soft">and more than can be shown</p> : null}
    </div>
  );
}
