import type { Values } from "../../api/types";
import { type Field, objection, type Texts, texts, values } from "../../model/form";

/** The fields of a workflow's parameters; the environment is no parameter here. */
export function fieldsFor(parameters: readonly Field[]): readonly Field[] {
  return parameters.filter((one) => one.name !== "environment");
}

/** The fields as they stand for what a workflow was given. */
export function asGiven(fields: readonly Field[], given: Values): Texts {
  return texts(fields, given);
}

/** The values that were changed, those that were emptied included; all others stay as they are. */
export function changed(fields: readonly Field[], before: Texts, now: Texts): Values {
  const different = fields
    .filter((one) => (now[one.name] ?? "") !== (before[one.name] ?? ""))
    // Against what it had, not against the default: an emptied text is a value, too.
    .map((one) => ({ ...one, default: null, required: true }));
  return values(different, now);
}

/** Whether one of the changed values does not fit. */
export function isWrong(fields: readonly Field[], before: Texts, now: Texts): boolean {
  return fields.some((one) => {
    const text = now[one.name] ?? "";
    return text !== (before[one.name] ?? "") && objection(one, text) !== "";
  });
}
