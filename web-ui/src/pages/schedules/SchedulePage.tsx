import { address, read } from "../../api/client";
import type { ComingSlot, Decided, ScheduleDetail } from "../../api/project";
import type { Page } from "../../api/types";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { Values } from "../../components/Value";
import { useLiveResource } from "../../live/useLiveResource";
import { clock } from "../../model/times";
import { Link } from "../../shell/Link";
import { CATCH_UP, DST, meaning, OVERLAP } from "./draft";
import { ScheduleActions } from "./ScheduleActions";

const HISTORY: readonly Column[] = [
  { title: "Slot", look: "tight" },
  { title: "What became of it", look: "tight" },
  { title: "Workflow" },
];

/** One schedule: what it does, when it comes next, and what became of its last slots. */
export function SchedulePage({ name }: { name: string }) {
  const found = useLiveResource<ScheduleDetail>(
    address(["schedules", name]),
    "schedules",
    "workflows",
  );
  const schedule = found.value;
  return (
    <>
      <PageHead
        title={name}
        trail={<Link to="/schedules">Schedules</Link>}
        beside={
          schedule === null ? null : (
            <span className="tag">{schedule.enabled ? "enabled" : "disabled"}</span>
          )
        }
        actions={
          schedule === null ? null : (
            <ScheduleActions schedule={schedule} reload={found.reload} all />
          )
        }
      />
      <div className="columns">
        <div className="stack">
          <Listing title="What it does" what={name} found={found}>
            {(one) => <About schedule={one} />}
          </Listing>
          <Listing
            title="Its last slots"
            what="its slots"
            found={found}
            isEmpty={(one) => one.history.length === 0}
            empty={
              <Empty title="No slot has come yet">
                <p>What it starts, leaves out or could not start appears here.</p>
              </Empty>
            }
          >
            {(one) => <History entries={one.history} />}
          </Listing>
        </div>
        {schedule === null ? null : (
          <Next name={name} turn={`${schedule.cron} ${schedule.next_at ?? ""}`} />
        )}
      </div>
    </>
  );
}

function About({ schedule }: { schedule: ScheduleDetail }) {
  const now = useNow(true);
  return (
    <div className="inside stack">
      <dl className="facts">
        <dt>Starts</dt>
        <dd>
          <Link to={`/playbooks/${encodeURIComponent(schedule.playbook)}`}>
            {schedule.playbook}
          </Link>
          {schedule.environment === null ? "" : ` in ${schedule.environment}`}
        </dd>
        <dt>When</dt>
        <dd>
          <code>{schedule.cron}</code> {schedule.time_zone}
        </dd>
        <dt>Next</dt>
        <dd>
          {schedule.next_at === null ? (
            "not while it is disabled"
          ) : (
            <>
              {clock(schedule.next_at)}, <Moment at={schedule.next_at} now={now} />
            </>
          )}
        </dd>
        <dt>When the clock changes</dt>
        <dd>{meaning(DST, schedule.dst)[0]}</dd>
        <dt>After the server was down</dt>
        <dd>{meaning(CATCH_UP, schedule.catch_up)[0]}</dd>
        <dt>If the earlier one still runs</dt>
        <dd>{meaning(OVERLAP, schedule.overlap)[0]}</dd>
        {schedule.jitter === 0 ? null : (
          <>
            <dt>Jitter</dt>
            <dd>up to {schedule.jitter} s</dd>
          </>
        )}
        <dt>Made by</dt>
        <dd>
          {schedule.declared_in === null
            ? schedule.actor
            : `the playbook ${schedule.declared_in}, where it is changed`}
        </dd>
      </dl>
      {Object.keys(schedule.parameters).length === 0 ? null : (
        <div>
          <h3>Parameters</h3>
          <Values values={schedule.parameters} />
        </div>
      )}
    </div>
  );
}

function History({ entries }: { entries: readonly Decided[] }) {
  return (
    <Table columns={HISTORY}>
      {entries.map((one) => (
        <tr key={one.slot}>
          <td className="tight">
            <time dateTime={one.at}>{clock(one.at).slice(0, 16)}</time>
          </td>
          <td className="tight">
            <span data-tone={one.outcome === "refused" ? "failed" : undefined}>{one.outcome}</span>
          </td>
          <td className="wrapped">
            {one.workflow === null ? null : (
              <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link>
            )}{" "}
            {one.reason}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Next({ name, turn }: { name: string; turn: string }) {
  const where = address(["schedules", name, "slots"], { limit: 15 });
  const found = useResource(`${where} ${turn}`, (signal) => read<Page<ComingSlot>>(where, signal));
  return (
    <Listing
      title="Next slots"
      what="its next slots"
      found={found}
      isEmpty={(page) => page.items.length === 0}
      empty={<Empty title="It never comes" />}
    >
      {(page) => (
        <ol className="plainlist inside">
          {page.items.map((slot) => (
            <li key={slot.slot}>
              <time dateTime={slot.at}>{clock(slot.at).slice(0, 16)}</time>{" "}
              <span className="soft">{slot.remark}</span>
            </li>
          ))}
        </ol>
      )}
    </Listing>
  );
}
