import { useId, useState } from "react";

import { act, address } from "../../api/client";
import type { Approval } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { TextField, ValueFields } from "../../components/fields";
import { objection, type Texts, texts, values } from "../../model/form";

interface Properties {
  /** The workflow that asks. */
  readonly workflow: string;
  readonly approval: Approval;
  readonly decision: "approve" | "reject";
  readonly onAnswered?: () => void;
  readonly onClose: () => void;
}

/** The answer to an approval: with the values that it asks for, or with a reason against it. */
export function AnswerDialog({ workflow, approval, decision, onAnswered, onClose }: Properties) {
  const name = useId();
  const [given, setGiven] = useState<Texts>(() => texts(approval.inputs));
  const [said, setSaid] = useState("");
  const approves = decision === "approve";
  const wrong =
    approves && approval.inputs.some((one) => objection(one, given[one.name] ?? "") !== "");
  const answer = async () => {
    const body = approves
      ? { path: approval.path, decision, inputs: values(approval.inputs, given), comment: said }
      : { path: approval.path, decision, reason: said };
    await act("POST", address(["workflows", workflow, "approvals"]), body);
    onAnswered?.();
  };
  return (
    <Dialog
      title={approves ? "Approve?" : "Reject?"}
      action={approves ? "Approve" : "Reject"}
      danger={!approves}
      blocked={wrong || (!approves && said.trim() === "")}
      onConfirm={answer}
      onClose={onClose}
    >
      <p>
        <strong>{approval.message}</strong>
      </p>
      <p className="soft">
        {approves
          ? approval.minimum > 1
            ? `${workflow} goes on once ${approval.minimum} people have approved.`
            : `${workflow} goes on after ${approval.path} with what you give here.`
          : `${approval.path} of ${workflow} fails; its handlers run. One rejection is enough.`}
      </p>
      {approves ? (
        <ValueFields
          name={name}
          fields={approval.inputs}
          texts={given}
          onChange={setGiven}
          tried={false}
        />
      ) : null}
      <TextField
        id={`${name}-said`}
        label={approves ? "Comment" : "Reason"}
        hint={approves ? "Kept with the approval." : "Needed; kept with the workflow."}
        value={said}
        onChange={setSaid}
      />
    </Dialog>
  );
}
