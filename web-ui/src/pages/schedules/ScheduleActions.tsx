import { useMay } from "../../api/session";
import type { Schedule } from "../../api/types";
import { AskButton } from "../../components/AskButton";
import { Link } from "../../shell/Link";
import { navigate } from "../../shell/router";
import { Remove, RunNow, Switch } from "./questions";

interface Properties {
  readonly schedule: Schedule;
  readonly reload: () => void;
  /** Those that are rarely wanted, too. */
  readonly all?: boolean;
}

/** What this session may do with a schedule. One that stands in a playbook is changed there. */
export function ScheduleActions({ schedule, reload, all = false }: Properties) {
  const admin = useMay("admin");
  const run = useMay("run");
  const changeable = admin && schedule.declared_in === null;
  const { name } = schedule;
  return (
    <>
      {run ? (
        <AskButton label="Run now…" about={name}>
          {(close) => <RunNow schedule={schedule} onClose={close} />}
        </AskButton>
      ) : null}
      {admin ? (
        <AskButton label={schedule.enabled ? "Disable…" : "Enable…"} about={name}>
          {(close) => <Switch schedule={schedule} onDone={reload} onClose={close} />}
        </AskButton>
      ) : null}
      {all && changeable ? (
        <>
          <Link to={`/schedules/${encodeURIComponent(name)}/edit`} className="button">
            Change
          </Link>
          <AskButton label="Delete…" about={name} look="danger">
            {(close) => (
              <Remove
                schedule={schedule}
                onDone={() => {
                  navigate("/schedules");
                }}
                onClose={close}
              />
            )}
          </AskButton>
        </>
      ) : null}
    </>
  );
}
