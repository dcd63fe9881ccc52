import { address, read } from "../../api/client";
import type { CalendarSlot, Outlook, ScheduleDetail } from "../../api/project";
import { useMay } from "../../api/session";
import type { Page, Schedule } from "../../api/types";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { useLiveResource } from "../../live/useLiveResource";
import { Link } from "../../shell/Link";
import { Calendar } from "./Calendar";
import { ScheduleActions } from "./ScheduleActions";

const HOURS = 24 * 7;

const COLUMNS: readonly Column[] = [
  { title: "Schedule", look: "tight" },
  { title: "State", look: "tight" },
  { title: "Playbook" },
  { title: "When" },
  { title: "Next", look: "tight" },
  { title: "Last", look: "tight" },
  { title: "Actions", look: "tight", silent: true },
];

/** What is started by the clock, and what comes next. */
export function SchedulesPage() {
  const found = useLiveResource<Page<Schedule>>(
    address(["schedules"], { limit: 500 }),
    "schedules",
    "workflows",
  );
  const admin = useMay("admin");
  return (
    <>
      <PageHead
        title="Schedules"
        actions={
          admin ? (
            <Link to="/new/schedule" className="button">
              New schedule
            </Link>
          ) : undefined
        }
      />
      <Listing
        title="Schedules"
        bare
        what="schedules"
        found={found}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Empty title="Nothing is scheduled">
            <p>
              {admin ? (
                <Link to="/new/schedule">Make one here</Link>
              ) : (
                "Somebody with the scope admin makes one here"
              )}
              , or with{" "}
              <code>orchestrate schedule --playbook NAME --cron &quot;0 2 * * *&quot;</code>.
            </p>
          </Empty>
        }
      >
        {(page) => <Rows schedules={page.items} reload={found.reload} />}
      </Listing>
      <ComingWeek turn={(found.value?.items ?? []).map((one) => one.next_at).join(" ")} />
    </>
  );
}

function Rows({ schedules, reload }: { schedules: readonly Schedule[]; reload: () => void }) {
  const now = useNow(true);
  return (
    <Table columns={COLUMNS} folding>
      {schedules.map((one) => (
        <tr key={one.name}>
          <td className="tight">
            <Link to={`/schedules/${encodeURIComponent(one.name)}`}>{one.name}</Link>
          </td>
          <td className="tight">
            {one.enabled ? "enabled" : <span className="soft">disabled</span>}
          </td>
          <td>
            <Link to={`/playbooks/${encodeURIComponent(one.playbook)}`}>{one.playbook}</Link>
            {one.environment === null ? "" : ` in ${one.environment}`}
            {one.declared_in === null ? null : <span className="tag">in its playbook</span>}
          </td>
          <td>
            <code>{one.cron}</code> <span className="soft">{one.time_zone}</span>
          </td>
          <td className="tight" data-title="next">
            <Moment at={one.next_at} now={now} />
          </td>
          <td className="tight" data-title="last">
            <Last schedule={one} now={now} />
          </td>
          <td className="tight">
            <div className="buttons end">
              <ScheduleActions schedule={one} reload={reload} />
            </div>
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** What became of its last slot. */
function Last({ schedule, now }: { schedule: Schedule; now: number }) {
  const where = address(["schedules", schedule.name]);
  const found = useResource(`${where} ${schedule.next_at ?? ""}`, (signal) =>
    read<ScheduleDetail>(where, signal),
  );
  const last = found.value?.history[0];
  if (last === undefined) return <span className="soft">–</span>;
  if (last.workflow === null) return <span data-tone="attention">{last.outcome}</span>;
  return (
    <>
      <Link to={`/workflows/${last.workflow}`}>{last.workflow}</Link>{" "}
      <span className="soft">
        <Moment at={last.at} now={now} />
      </span>
    </>
  );
}

/** The calendar, with what the forecast says of it. */
function ComingWeek({ turn }: { turn: string }) {
  const coming = address(["calendar"], { hours: HOURS });
  const ahead = address(["capacity"], { hours: HOURS });
  const slots = useResource(`${coming} ${turn}`, (signal) =>
    read<Page<CalendarSlot>>(coming, signal),
  );
  // The forecast is for those who may see the project as a whole; the calendar is there without it.
  const outlook = useResource(`${ahead} ${turn}`, (signal) => read<Outlook>(ahead, signal));
  const collisions = outlook.value?.collisions ?? [];
  return (
    <Listing
      title="The coming week"
      what="coming slots"
      found={slots}
      isEmpty={(page) => page.items.length === 0}
      empty={
        <Empty title="Nothing starts by itself in the coming week">
          <p>Only enabled schedules start anything.</p>
        </Empty>
      }
    >
      {(page) => <Calendar slots={page.items} collisions={collisions} />}
    </Listing>
  );
}
