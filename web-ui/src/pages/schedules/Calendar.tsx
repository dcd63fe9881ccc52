import { useState } from "react";

import type { CalendarSlot, Collision } from "../../api/project";
import { clock } from "../../model/times";
import { Link } from "../../shell/Link";
import { type Day, days, inItsWay } from "./days";

const DAYS = 7;
/** Slots of a day that are shown before somebody asks for all. */
const FEW = 12;

interface Properties {
  readonly slots: readonly CalendarSlot[];
  readonly collisions: readonly Collision[];
}

/** The coming days side by side, in the time zone of whoever looks, with what will be late. */
export function Calendar({ slots, collisions }: Properties) {
  const [from] = useState(() => new Date());
  const shown = days(slots, collisions, from, DAYS);
  return (
    <ol className="calendar">
      {shown.map((day) => (
        <DayColumn key={day.date} day={day} />
      ))}
    </ol>
  );
}

function DayColumn({ day }: { day: Day }) {
  const [all, setAll] = useState(false);
  const shown = all ? day.slots : day.slots.slice(0, FEW);
  const rest = day.slots.length - shown.length;
  return (
    <li>
      <h3>
        <time dateTime={day.date}>{day.title}</time>
      </h3>
      {day.slots.length === 0 ? <p className="soft">nothing</p> : null}
      <ul className="plainlist">
        {shown.map((slot) => (
          <li key={`${slot.schedule} ${slot.at}`} title={slot.remark}>
            <time dateTime={slot.at}>{clock(slot.at).slice(11, 16)}</time>{" "}
            <Link to={`/schedules/${encodeURIComponent(slot.schedule)}`}>{slot.schedule}</Link>
            <Late collision={inItsWay(slot, day.collisions)} />
            {slot.remark === "" ? null : <span className="soft"> {slot.remark}</span>}
          </li>
        ))}
      </ul>
      {rest > 0 ? (
        <button
          type="button"
          className="plain"
          onClick={() => {
            setAll(true);
          }}
        >
          {rest} more
        </button>
      ) : null}
    </li>
  );
}

/** That a slot will not begin in time, when it will, and what there is too little of. */
function Late({ collision }: { collision: Collision | null }) {
  if (collision === null) return null;
  const { starts, needed, there, resource } = collision;
  return (
    <div data-tone="attention">
      ⚠ {starts === null ? "never starts" : `late: about ${clock(starts).slice(11, 16)}`}
      {`; ${needed} of ${there} ${resource}`}
    </div>
  );
}
