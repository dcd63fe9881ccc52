import { useId, useState } from "react";

import { act, address } from "../../api/client";
import { useMay } from "../../api/session";
import type { Approval, WorkflowDetail } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { TextField, ValueFields } from "../../components/fields";
import { Moment } from "../../components/Moment";
import { objection, type Texts, texts, values } from "../../model/form";

/** What people are asked now, with a form for what they are asked. */
export function Approvals({ workflow, now }: { workflow: WorkflowDetail; now: number }) {
  const open = (workflow.approvals ?? []).filter((one) => one.waits);
  if (open.length === 0) return null;
  return (
    <section className="panel" aria-label="Approvals">
      {open.map((approval) => (
        <Request key={approval.path} id={workflow.id} approval={approval} now={now} />
      ))}
    </section>
  );
}

interface RequestProperties {
  readonly id: string;
  readonly approval: Approval;
  readonly now: number;
}

function Request({ id, approval, now }: RequestProperties) {
  const may = useMay("approve");
  const [decision, setDecision] = useState<"approve" | "reject" | null>(null);
  const given = approval.answers.length;
  return (
    <div className="notice attention">
      <p>
        <strong>{approval.message}</strong>
      </p>
      <p className="soft">
        {approval.path}, asked <Moment at={approval.asked_at} now={now} />
        {approval.approvers === null ? "" : `, of ${approval.approvers.join(", ")}`}
        {approval.minimum > 1 ? `, ${given} of ${approval.minimum} approved` : ""}
        {approval.deadline === null ? null : (
          <>
            , until <Moment at={approval.deadline} now={now} />, then: {approval.on_timeout}
          </>
        )}
      </p>
      {may ? (
        <div className="actions">
          <button
            type="button"
            className="first"
            onClick={() => {
              setDecision("approve");
            }}
          >
            Approve…
          </button>
          <button
            type="button"
            className="danger"
            onClick={() => {
              setDecision("reject");
            }}
          >
            Reject…
          </button>
        </div>
      ) : (
        <p>A token with the scope approve can answer.</p>
      )}
      {decision === null ? null : (
        <Answer
          id={id}
          approval={approval}
          decision={decision}
          onClose={() => {
            setDecision(null);
          }}
        />
      )}
    </div>
  );
}

interface AnswerProperties {
  readonly id: string;
  readonly approval: Approval;
  readonly decision: "approve" | "reject";
  readonly onClose: () => void;
}

function Answer({ id, approval, decision, onClose }: AnswerProperties) {
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
    await act("POST", address(["workflows", id, "approvals"]), body);
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
      <p>{approval.message}</p>
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
        hint={approves ? "" : "Needed; kept with the workflow."}
        value={said}
        onChange={setSaid}
      />
    </Dialog>
  );
}
