import { useId, useState } from "react";

import { act, address } from "../../api/client";
import type { WorkflowDetail } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { Check, TextField } from "../../components/fields";
import { Failed, Loading } from "../../components/notices";
import { Select } from "../../components/Select";
import { useResource } from "../../components/useResource";
import { useSettled } from "../../components/useSettled";
import { useOtherParameters } from "./OtherParameters";
import { type ResumePlan, summary } from "./resuming";

/** What a resume is told beyond "go on". */
export interface Preset {
  readonly from_step?: string;
  readonly unknown?: string;
  readonly compensation?: string;
}

const EDITS = [
  ["", "go on with the recorded one, and say so"],
  ["keep", "go on with the recorded one"],
  ["use", "take the edited one"],
] as const;

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
  const [checkpoint, setCheckpoint] = useState("");
  const [skip, setSkip] = useState(false);
  const [yes, setYes] = useState(false);
  const [edited, setEdited] = useState("");
  const other = useOtherParameters(
    workflow,
    "For what is not recorded yet: steps that are reused keep what they did with the old ones.",
  );
  const asked = {
    ...preset,
    ...(from === "" ? { from_step: undefined } : { from_step: from }),
    ...(checkpoint === "" ? {} : { checkpoint }),
    ...(skip ? { skip_failed: true } : {}),
    ...(edited === "" ? {} : { playbook_changes: edited }),
    ...(Object.keys(other.values).length === 0 || other.wrong ? {} : { parameters: other.values }),
  };
  // The plan is made anew once nobody writes any more.
  const key = JSON.stringify(useSettled(asked, 350));
  const settled = key === JSON.stringify(asked);
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
      blocked={plan.value === null || needsYes || !settled || other.wrong}
      onConfirm={resume}
      onClose={onClose}
    >
      <From
        workflow={workflow}
        paths={paths}
        step={from}
        onStep={setFrom}
        checkpoint={checkpoint}
        onCheckpoint={setCheckpoint}
      />
      <Check checked={skip} onChange={setSkip}>
        Record the failed steps as skipped
      </Check>
      <Select
        id={`${name}p`}
        label="If the playbook was edited meanwhile"
        value={edited}
        options={EDITS}
        onChange={setEdited}
      />
      {other.element}
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

interface FromProperties {
  readonly workflow: WorkflowDetail;
  readonly paths: readonly string[];
  readonly step: string;
  readonly onStep: (step: string) => void;
  readonly checkpoint: string;
  readonly onCheckpoint: (checkpoint: string) => void;
}

/** From where it goes on. */
function From(properties: FromProperties) {
  const { workflow, paths, step, onStep, checkpoint, onCheckpoint } = properties;
  const id = useId();
  return (
    <>
      <TextField
        id={`${id}f`}
        label="From step"
        hint="Empty: where it stopped. A step's path, such as deploy/backend."
        value={step}
        list={paths}
        onChange={onStep}
      />
      {workflow.checkpoints.length === 0 ? null : (
        <Select
          id={`${id}c`}
          label="From checkpoint"
          value={checkpoint}
          options={[
            ["", "none"],
            ...workflow.checkpoints.map((one) => [one.id, `${one.id} ${one.name}`] as const),
          ]}
          onChange={onCheckpoint}
        />
      )}
    </>
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
