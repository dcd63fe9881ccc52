import { useId, useMemo, useState } from "react";

import { address, read } from "../../api/client";
import type { RunForm, Values, WorkflowDetail } from "../../api/types";
import { ValueFields } from "../../components/fields";
import { Failed } from "../../components/notices";
import { useResource } from "../../components/useResource";
import type { Texts } from "../../model/form";
import { asGiven, changed, fieldsFor, isWrong } from "./otherValues";

/** Other values for a workflow's parameters, as somebody writes them. */
export interface Other {
  readonly values: Values;
  readonly wrong: boolean;
  /** The fields, to stand in a dialog. */
  readonly element: React.ReactNode;
}

/** The fields of a workflow's playbook, filled with what it was given. */
export function useOtherParameters(workflow: WorkflowDetail, hint: string): Other {
  const id = useId();
  const { playbook, environment } = workflow;
  const where = address(["playbooks", playbook, "form"], { environment });
  const form = useResource(where, (signal) => read<RunForm>(where, signal));
  const fields = useMemo(() => fieldsFor(form.value?.parameters ?? []), [form.value]);
  const before = useMemo(() => asGiven(fields, workflow.parameters), [fields, workflow.parameters]);
  const [edits, setEdits] = useState<Texts>({});
  const now = { ...before, ...edits };
  const values = changed(fields, before, now);
  const count = Object.keys(values).length;
  const element =
    form.error !== null ? (
      <Failed error={form.error} slim />
    ) : fields.length === 0 ? null : (
      <details>
        <summary>
          Other parameters{count === 0 ? "" : `: ${Object.keys(values).join(", ")} changed`}
        </summary>
        <p className="soft">{hint}</p>
        <ValueFields name={id} fields={fields} texts={now} onChange={setEdits} tried={false} />
      </details>
    );
  return { values, wrong: isWrong(fields, before, now), element };
}
