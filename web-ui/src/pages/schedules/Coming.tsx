import { act, address } from "../../api/client";
import type { ComingSlot } from "../../api/project";
import type { Page } from "../../api/types";
import { Failed, Loading } from "../../components/notices";
import { useResource } from "../../components/useResource";
import { clock } from "../../model/times";
import { useSettled } from "../../components/useSettled";

const COUNT = 8;

interface Properties {
  readonly cron: string;
  readonly zone: string;
  readonly dst: string;
}

/** When an expression would start something, as it is being written. */
export function Coming(properties: Properties) {
  const { cron, zone, dst } = useSettled(properties, 300);
  const body = {
    cron: cron.trim(),
    dst,
    count: COUNT,
    ...(zone.trim() === "" ? {} : { time_zone: zone.trim() }),
  };
  const key = cron.trim() === "" ? null : JSON.stringify(body);
  const found = useResource(key, () => act<Page<ComingSlot>>("POST", address(["slots"]), body));
  if (key === null) return <p className="soft">Write an expression, and its slots appear here.</p>;
  if (found.error !== null) return <Failed error={found.error} slim />;
  if (found.value === null) return <Loading what="the next slots" />;
  if (found.value.items.length === 0) return <p>It never comes.</p>;
  return (
    <ol className="plainlist" aria-live="polite" aria-label="Next slots">
      {found.value.items.map((slot) => (
        <li key={`${slot.slot} ${slot.at}`}>
          <time dateTime={slot.at}>{clock(slot.at).slice(0, 16)}</time>{" "}
          <span className="soft">
            {there(slot, zone)} {slot.remark}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** What the clocks show in the schedule's time zone, if that is another than the reader's. */
function there(slot: ComingSlot, zone: string): string {
  const wall = slot.slot.slice(0, 16).replace("T", " ");
  return wall === clock(slot.at).slice(0, 16) ? "" : `${wall} ${zone}`;
}
