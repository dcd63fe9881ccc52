import { useState } from "react";

import { act, address, read } from "../../api/client";
import { useMay } from "../../api/session";
import type { Project, Workflow, WorkflowDetail } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { Check } from "../../components/fields";
import { useResource } from "../../components/useResource";
import { isFinal } from "../../model/states";
import type { Tree } from "../../model/tree";
import { navigate } from "../../shell/router";
import { CancelDialog, CompleteDialog, PauseDialog } from "./dialogs";
import { ResumeDialog } from "./ResumeDialog";

type Asked = "pause" | "resume" | "cancel" | "complete" | "rerun";

/** What is legal now and allowed to this session, each behind a question. */
export function Actions({ workflow, steps }: { workflow: WorkflowDetail; steps: Tree }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const run = useMay("run");
  const admin = useMay("admin");
  const offers = offered(workflow, run, admin);
  const close = () => {
    setAsked(null);
  };
  return (
    <div className="actions">
      {offers.map(([action, title]) => (
        <button
          key={action}
          type="button"
          className={action === "cancel" || action === "complete" ? "danger" : ""}
          onClick={() => {
            setAsked(action);
          }}
        >
          {title}
        </button>
      ))}
      {asked === "pause" ? <PauseDialog id={workflow.id} onClose={close} /> : null}
      {asked === "cancel" ? <CancelDialog id={workflow.id} onClose={close} /> : null}
      {asked === "complete" ? <CompleteDialog id={workflow.id} onClose={close} /> : null}
      {asked === "resume" ? (
        <ResumeDialog workflow={workflow} paths={[...steps.steps.keys()]} onClose={close} />
      ) : null}
      {asked === "rerun" ? <RerunDialog workflow={workflow} onClose={close} /> : null}
    </div>
  );
}

const STOPPED = new Set(["paused", "failed", "cancelled", "completed", "needs_attention"]);

function offered(
  workflow: WorkflowDetail,
  run: boolean,
  admin: boolean,
): readonly (readonly [Asked, string])[] {
  const { state, owner } = workflow;
  const offers: (readonly [Asked, string])[] = [];
  if (run && (STOPPED.has(state) || owner === "lost")) offers.push(["resume", "Resume…"]);
  if (run && isFinal(state)) offers.push(["rerun", "Run again…"]);
  if (run && (state === "running" || state === "waiting")) offers.push(["pause", "Pause…"]);
  if (run && !isFinal(state)) offers.push(["cancel", "Cancel…"]);
  if (admin && !isFinal(state)) offers.push(["complete", "Complete…"]);
  return offers;
}

function RerunDialog({ workflow, onClose }: { workflow: WorkflowDetail; onClose: () => void }) {
  const [sure, setSure] = useState(false);
  const project = useResource("project", (signal) => read<Project>(address(["project"]), signal));
  const here = project.value?.environments.find((one) => one.name === workflow.environment);
  const guarded = here?.protected === true;
  const again = async () => {
    const where = address(["workflows", workflow.id, "rerun"]);
    const made = await act<Workflow>("POST", where, guarded ? { yes: sure } : {});
    if (made !== null) navigate(`/workflows/${made.id}`);
  };
  return (
    <Dialog
      title={`Run ${workflow.playbook} again?`}
      action="Run it again"
      blocked={guarded && !sure}
      onConfirm={again}
      onClose={onClose}
    >
      <p>
        A new workflow starts in {workflow.environment} with the same parameters as {workflow.id}.
        It does everything from the beginning; to go on where this one stopped, resume it.
      </p>
      {guarded ? (
        <Check checked={sure} onChange={setSure}>
          {workflow.environment} is protected: I mean it
        </Check>
      ) : null}
    </Dialog>
  );
}
