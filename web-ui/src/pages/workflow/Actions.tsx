import { useState } from "react";

import { useMay } from "../../api/session";
import type { WorkflowDetail } from "../../api/types";
import { isFinal } from "../../model/states";
import type { Tree } from "../../model/tree";
import { CancelDialog, CompleteDialog } from "./EndDialogs";
import { PauseDialog } from "./PauseDialog";
import { RerunDialog } from "./RerunDialog";
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
      {asked === "cancel" ? <CancelDialog workflow={workflow} onClose={close} /> : null}
      {asked === "complete" ? <CompleteDialog workflow={workflow} onClose={close} /> : null}
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
