import type { ReactNode } from "react";

import { useMay } from "../../api/session";
import type { Approval } from "../../api/types";
import { AskButton } from "../../components/AskButton";
import { Moment } from "../../components/Moment";
import { clock } from "../../model/times";
import { AnswerDialog } from "./AnswerDialog";
import { afterwards, whom } from "./words";

interface Properties {
  readonly workflow: string;
  readonly approval: Approval;
  readonly now: number;
  /** Where it is asked, if that is not clear already. */
  readonly origin?: ReactNode;
  readonly onAnswered?: () => void;
}

/** What somebody is asked: by whom, since when, until when, and what happens then. */
export function Request({ workflow, approval, now, origin, onAnswered }: Properties) {
  const may = useMay("approve");
  const { deadline } = approval;
  return (
    <article className="notice attention" aria-label={`${workflow} ${approval.path}`}>
      <p>
        <strong>{approval.message}</strong>
      </p>
      <dl className="facts">
        {origin}
        <dt>Asked by</dt>
        <dd>
          step {approval.path}, <Moment at={approval.asked_at} now={now} />
        </dd>
        <dt>Asked of</dt>
        <dd>{whom(approval)}</dd>
        <dt>Until</dt>
        <dd>
          {deadline === null ? (
            "there is an answer, however long that takes"
          ) : (
            <>
              {clock(deadline)}, <Moment at={deadline} now={now} />; then {afterwards(approval)}
            </>
          )}
        </dd>
        {approval.inputs.length === 0 ? null : (
          <>
            <dt>To be given</dt>
            <dd>{approval.inputs.map((one) => one.name).join(", ")}</dd>
          </>
        )}
      </dl>
      {approval.answers.map((one) => (
        <p key={`${one.actor} ${one.at}`} className="soft">
          {one.actor}: {one.answer} <Moment at={one.at} now={now} /> {one.comment ?? one.reason}
        </p>
      ))}
      {may ? (
        <div className="actions">
          {(["approve", "reject"] as const).map((decision) => (
            <AskButton
              key={decision}
              label={decision === "approve" ? "Approve…" : "Reject…"}
              look={decision === "approve" ? "first" : "danger"}
            >
              {(close) => (
                <AnswerDialog
                  workflow={workflow}
                  approval={approval}
                  decision={decision}
                  {...(onAnswered === undefined ? {} : { onAnswered })}
                  onClose={close}
                />
              )}
            </AskButton>
          ))}
        </div>
      ) : (
        <p>
          This token cannot answer: it takes one with the scope <code>approve</code>.
        </p>
      )}
    </article>
  );
}
