import { useId, useState } from "react";

import { act, address, read } from "../../api/client";
import type { AuditEntry, Page, WorkflowDetail } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { Check, TextField } from "../../components/fields";
import { ReasonDialog } from "../../components/ReasonDialog";
import { useResource } from "../../components/useResource";

interface Properties {
  readonly workflow: WorkflowDetail;
  readonly onClose: () => void;
}

const DECISIVE = new Set(["cancel_requested", "resumed"]);

/** Stop it; what has to be cleaned up is, unless it was cancelled before. */
export function CancelDialog({ workflow, onClose }: Properties) {
  const { id } = workflow;
  const where = address(["audit"], { workflow: id, limit: 20 });
  const asked = useResource(where, (signal) => read<Page<AuditEntry>>(where, signal));
  // Newest first: a cancellation from before it was resumed is over.
  const last = asked.value?.items.find((one) => DECISIVE.has(one.action));
  const before = last?.action === "cancel_requested" ? last : undefined;
  return (
    <ReasonDialog
      title={before === undefined ? `Cancel ${id}?` : `Cancel ${id} a second time?`}
      action={before === undefined ? "Cancel the workflow" : "Stop the cleaning up, too"}
      danger
      onConfirm={async (reason) => {
        await act("POST", address(["workflows", id, "cancel"]), { reason });
      }}
      onClose={onClose}
    >
      {before === undefined ? (
        <p>
          {runs(workflow)} Compensations and <code>finally</code> still run; cancelling a second
          time stops these, too.
        </p>
      ) : (
        <p>
          {before.actor ?? "Somebody"} has cancelled it already, and it is cleaning up. Doing it
          again stops its compensations and <code>finally</code>: what they have not undone yet
          stays as it is.
        </p>
      )}
    </ReasonDialog>
  );
}

/** End it as completed, whatever is still missing. */
export function CompleteDialog({ workflow, onClose }: Properties) {
  const { id } = workflow;
  const name = useId();
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const open = Object.entries(workflow.counts)
    .filter(([state, count]) => count > 0 && UNFINISHED.has(state))
    .map(([state, count]) => `${count} ${state.replaceAll("_", " ")}`);
  return (
    <Dialog
      title={`Complete ${id}?`}
      action={force ? "Complete it by force" : "Complete the workflow"}
      danger
      blocked={force && reason.trim() === ""}
      onConfirm={async () => {
        await act("POST", address(["workflows", id, "complete"]), { reason, force });
      }}
      onClose={onClose}
    >
      <p>
        It ends as completed, which counts as a success.{" "}
        {open.length === 0
          ? "This is refused while steps remain, unless you force it."
          : `Of its steps ${open.join(", ")}: without force this is refused.`}
      </p>
      <Check checked={force} onChange={setForce}>
        By force: stop what runs, leave out what remains, run <code>finally</code>, release its
        locks
      </Check>
      <TextField
        id={name}
        label="Reason"
        hint="Kept with the workflow and in the audit; needed with force."
        value={reason}
        onChange={setReason}
      />
    </Dialog>
  );
}

const UNFINISHED = new Set(["running", "waiting", "queued", "parked", "paused", "unknown"]);

function runs(workflow: WorkflowDetail): string {
  const count = workflow.counts.running ?? 0;
  if (count === 0) return "No step of it runs now.";
  return count === 1 ? "The running step is stopped." : `${count} running steps are stopped.`;
}
