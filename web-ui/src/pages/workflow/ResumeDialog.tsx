import { useId, useState } from "react";

import { act, address } from "../../api/client";
import type { WorkflowDetail } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { Check, TextField } from "../../components/fields";
import { Failed, Loading } from "../../components/notices";
import { useResource } from "../../components/useResource";
import { type ResumePlan, summary } from "./resuming";

/** What a resume is told beyond "go on". */
export interface Preset {
  readonly from_step?: string;
  readonly unknown?: string;
  readonly compensation?: string;
}

interface Properties {
  readonly workflow: WorkflowDetail;
  /** Paths of steps that are known here, to choose from. */
  readonly paths: readonly string[];
  readonly preset?: Preset;
  readonly onClose: () => void;
}

/** Go on: first what would be reused and what would run, then the question. */
export function ResumeDialog({ workflow, paths, preset = {}, onClose }: Properties) {
  const name = useId();
  const [from, setFrom] = useState(preset.from_step ?? "");
  const [settled, setSettled] = useState(from);
  const [checkpoint, setCheckpoint] = useState("");
  const [skip, setSkip] = useState(false);
  const [yes, setYes] = useState(false);
  const asked = {
    ...preset,
    ...(settled === "" ? { from_step: undefined } : { from_step: settled }),
    ...(checkpoint === "" ? {} : { checkpoint }),
    ...(skip ? { skip_failed: true } : {}),
  };
  const key = JSON.stringify(asked);
  const plan = useResource(key, () =>
    act<ResumePlan>("POST", address(["workflows", workflow.id, "resume-plan"]), asked),
  );
  const resume = async () => {
    await act("POST", address(["workflows", workflow.id, "resume"]), { ...asked, yes });
  };
  const needsYes = plan.value?.needs_yes === true && !yes;
  return (
    <Dialog
      title={`Resume ${workflow.id}?`}
      action="Resume it"
      blocked={plan.value === null || needsYes || settled !== from}
      onConfirm={resume}
      onClose={onClose}
    >
      <TextField
        id={`${name}f`}
        label="From step"
        hint="Empty: where it stopped. A step's path, such as deploy/backend."
        value={from}
        list={paths}
        onChange={setFrom}
      />
      {settled === from ? null : (
        <button
          type="button"
          onClick={() => {
            setSettled(from);
          }}
        >
          Show what this would do
        </button>
      )}
      {workflow.checkpoints.length === 0 ? null : (
        <div className="field">
          <label htmlFor={`${name}c`}>From checkpoint</label>
          <select
            id={`${name}c`}
            value={checkpoint}
            onChange={(event) => {
              setCheckpoint(event.target.value);
            }}
          >
            <option value="">none</option>
            {workflow.checkpoints.map((one) => (
              <option key={one.id} value={one.id}>
                {one.id} {one.name}
              </option>
            ))}
          </select>
        </div>
      )}
      <Check checked={skip} onChange={setSkip}>
        Record the failed steps as skipped
      </Check>
      {plan.error === null ? null : <Failed error={plan.error} slim />}
      {plan.value === null && plan.error === null ? <Loading what="the plan" /> : null}
      {plan.value === null ? null : <Preview plan={plan.value} />}
      {plan.value?.needs_yes === true ? (
        <Check checked={yes} onChange={setYes}>
          Jump over steps that never ran; they are recorded as skipped
        </Check>
      ) : null}
    </Dialog>
  );
}

function Preview({ plan }: { plan: ResumePlan }) {
  const lines = summary(plan.lines);
  return (
    <div>
      <h3>What it would do</h3>
      <table>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key}>
              <td className="tight">
                <strong>{line.action}</strong>
              </td>
              <td>{line.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {plan.warnings.map((warning) => (
        <div className="notice attention slim" key={warning}>
          <p>{warning}</p>
        </div>
      ))}
    </div>
  );
}
