import { useState } from "react";

import { act, address, read } from "../../api/client";
import { useMay } from "../../api/session";
import type { Page, Schedule, Slot, Workflow } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty, LostBanner } from "../../components/notices";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { useProjectLive } from "../../live/useProjectLive";
import { Link } from "../../shell/Link";
import { navigate } from "../../shell/router";
import { Calendar } from "./Calendar";

const HOURS = 24 * 7;

/** What is started by the clock, and what comes next. */
export function SchedulesPage() {
  const where = address(["schedules"], { limit: 500 });
  const coming = address(["calendar"], { hours: HOURS, limit: 500 });
  const found = useResource(where, (signal) => read<Page<Schedule>>(where, signal));
  const slots = useResource(coming, (signal) => read<Page<Slot>>(coming, signal));
  const reload = () => {
    found.reload();
    slots.reload();
  };
  const live = useProjectLive({
    onHello: reload,
    onWorkflows: reload,
    onChanged: (what) => {
      if (what === "schedules") reload();
    },
  });
  return (
    <>
      <div className="heading">
        <h1>Schedules</h1>
      </div>
      <LostBanner state={live.state} retry={live.retry} />
      <Listing
        title="Schedules"
        what="schedules"
        found={found}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Empty title="Nothing is scheduled">
            <p>
              <code>
                orchestrate schedule --playbook NAME --cron &quot;0 2 * * *&quot; --enabled
              </code>
            </p>
          </Empty>
        }
      >
        {(page) => <Table schedules={page.items} reload={reload} />}
      </Listing>
      <Listing
        title="The coming week"
        what="coming slots"
        found={slots}
        isEmpty={(page) => page.items.length === 0}
        empty={<Empty title="Nothing starts by itself in the coming week" />}
      >
        {(page) => <Calendar slots={page.items} more={page.next !== null} />}
      </Listing>
    </>
  );
}

interface Asked {
  readonly what: "switch" | "run";
  readonly schedule: Schedule;
}

function Table({ schedules, reload }: { schedules: readonly Schedule[]; reload: () => void }) {
  const now = useNow(true);
  const admin = useMay("admin");
  const run = useMay("run");
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th className="tight">Schedule</th>
            <th className="tight">State</th>
            <th className="optional">Playbook</th>
            <th className="optional">When</th>
            <th className="tight">Next</th>
            <th className="tight">
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {schedules.map((one) => (
            <tr key={one.name}>
              <td className="tight">{one.name}</td>
              <td className="tight">
                {one.enabled ? "enabled" : <span className="soft">disabled</span>}
              </td>
              <td className="optional">
                <Link to={`/playbooks/${encodeURIComponent(one.playbook)}`}>{one.playbook}</Link>
                {one.environment === null ? "" : ` in ${one.environment}`}
              </td>
              <td className="optional">
                <code>{one.cron}</code> <span className="soft">{one.time_zone}</span>
              </td>
              <td className="tight">
                <Moment at={one.next_at} now={now} />
              </td>
              <td className="tight">
                {admin && one.declared_in === null ? (
                  <button
                    type="button"
                    onClick={() => {
                      setAsked({ what: "switch", schedule: one });
                    }}
                  >
                    {one.enabled ? "Disable…" : "Enable…"}
                  </button>
                ) : null}{" "}
                {run ? (
                  <button
                    type="button"
                    onClick={() => {
                      setAsked({ what: "run", schedule: one });
                    }}
                  >
                    Run now…
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked === null ? null : (
        <Question
          asked={asked}
          reload={reload}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </div>
  );
}

interface QuestionProperties {
  readonly asked: Asked;
  readonly reload: () => void;
  readonly onClose: () => void;
}

function Question({ asked, reload, onClose }: QuestionProperties) {
  const { name, playbook, enabled } = asked.schedule;
  if (asked.what === "run") {
    const run = async () => {
      const made = await act<Workflow>("POST", address(["schedules", name, "run"]), {});
      if (made !== null) navigate(`/workflows/${made.id}`);
    };
    return (
      <Dialog title={`Run ${name} now?`} action="Run it now" onConfirm={run} onClose={onClose}>
        <p>
          It starts {playbook} as the schedule would, in between; coming slots stay as they are.
        </p>
      </Dialog>
    );
  }
  const change = async () => {
    await act("PATCH", address(["schedules", name]), { enabled: !enabled });
    reload();
  };
  return (
    <Dialog
      title={enabled ? `Disable ${name}?` : `Enable ${name}?`}
      action={enabled ? "Disable it" : "Enable it"}
      onConfirm={change}
      onClose={onClose}
    >
      <p>
        {enabled
          ? `${playbook} is not started by it any more.`
          : `${playbook} is started by it from now on. What was due meanwhile is not made up for.`}
      </p>
    </Dialog>
  );
}
