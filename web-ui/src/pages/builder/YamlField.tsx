import { useId, useState } from "react";

import { EditError } from "../../builder/edits";
import { type FormField, fromYaml, toYaml } from "../../builder/forms";
import { ExpressionInput } from "./ExpressionInput";
import { Labelled } from "./FieldView";
import { useCompletion, useFormScope, useSetValue } from "./formScope";

/** A value that has no form of its own, as YAML. It is taken over when the field is left. */
export function YamlField({ field }: { field: FormField }) {
  const id = useId();
  const { readOnly } = useFormScope();
  const set = useSetValue();
  const complete = useCompletion(field);
  const [refused, setRefused] = useState("");
  return (
    <Labelled field={field} id={id}>
      <ExpressionInput
        id={id}
        value={toYaml(field.value)}
        complete={complete}
        describedBy={refused === "" ? `${id}-hint` : `${id}-refused`}
        invalid={refused !== ""}
        readOnly={readOnly}
        lines
        late
        onChange={(text) => {
          try {
            set(field.path, text.trim() === "" ? undefined : fromYaml(text));
            setRefused("");
          } catch (thrown) {
            if (!(thrown instanceof EditError)) throw thrown;
            setRefused(thrown.message);
          }
        }}
      />
      {refused === "" ? null : (
        <span className="wrong" id={`${id}-refused`} role="alert">
          {refused}
        </span>
      )}
    </Labelled>
  );
}
