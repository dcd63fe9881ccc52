import { useState } from "react";

import { act, address, read } from "../../api/client";
import type { Project, Workflow, WorkflowDetail } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { Check } from "../../components/fields";
import { useResource } from "../../components/useResource";
import { navigate } from "../../shell/router";
import { useOtherParameters } from "./OtherParameters";

interface Properties {
  readonly workflow: WorkflowDetail;
  readonly onClose: () => void;
}

/** Everything from the beginning, as a new workflow, with the same values or with others. */
export function RerunDialog({ workflow, onClose }: Properties) {
  const [sure, setSure] = useState(false);
  const project = useResource("project", (signal) => read<Project>(address(["project"]), signal));
  const here = project.value?.environments.find((one) => one.name === workflow.environment);
  const guarded = here?.protected === true;
  const other = useOtherParameters(workflow, "What you leave as it is, is as it was.");
  const again = async () => {
    const where = address(["workflows", workflow.id, "rerun"]);
    const made = await act<Workflow>("POST", where, {
      parameters: other.values,
      ...(guarded ? { yes: sure } : {}),
    });
    if (made !== null) navigate(`/workflows/${made.id}`);
  };
  return (
    <Dialog
      title={`Run ${workflow.playbook} again?`}
      action="Run it again"
      blocked={(guarded && !sure) || other.wrong}
      onConfirm={again}
      onClose={onClose}
    >
      <p>
        A new workflow starts in {workflow.environment} with the parameters of {workflow.id} and the
        playbook as its file is now. It does everything from the beginning; to go on where this one
        stopped, resume it.
      </p>
      {other.element}
      {guarded ? (
        <Check checked={sure} onChange={setSure}>
          {workflow.environment} is protected: I mean it
        </Check>
      ) : null}
    </Dialog>
  );
}
