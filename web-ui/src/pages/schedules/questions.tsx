import { act, address } from "../../api/client";
import type { Schedule, Workflow } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { navigate } from "../../shell/router";

interface Properties {
  readonly schedule: Schedule;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Start what it would start, now. */
export function RunNow({ schedule, onClose }: Omit<Properties, "onDone">) {
  const { name, playbook, environment } = schedule;
  const run = async () => {
    const made = await act<Workflow>("POST", address(["schedules", name, "run"]), {});
    if (made !== null) navigate(`/workflows/${made.id}`);
  };
  return (
    <Dialog title={`Run ${name} now?`} action="Run it now" onConfirm={run} onClose={onClose}>
      <p>
        It starts {playbook} {environment === null ? "" : `in ${environment} `}as the schedule
        would, with its values. Coming slots stay as they are.
      </p>
    </Dialog>
  );
}

/** Have it start its playbook by the clock, or no more. */
export function Switch({ schedule, onDone, onClose }: Properties) {
  const { name, playbook, enabled } = schedule;
  return (
    <Dialog
      title={enabled ? `Disable ${name}?` : `Enable ${name}?`}
      action={enabled ? "Disable it" : "Enable it"}
      onConfirm={async () => {
        await act("PATCH", address(["schedules", name]), { enabled: !enabled });
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        {enabled
          ? `${playbook} is not started by it any more. A workflow that runs goes on.`
          : `${playbook} is started by it from now on. What was due meanwhile is not made up for.`}
      </p>
    </Dialog>
  );
}

/** Take it away. */
export function Remove({ schedule, onDone, onClose }: Properties) {
  return (
    <Dialog
      title={`Delete ${schedule.name}?`}
      action="Delete the schedule"
      danger
      onConfirm={async () => {
        await act("DELETE", address(["schedules", schedule.name]));
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        It starts {schedule.playbook} no more, and what became of its slots is forgotten. Its
        workflows stay. To stop it for a while, disable it instead.
      </p>
    </Dialog>
  );
}
