import { createContext, useContext } from "react";

import { complete, type Scopes } from "../../builder/completion";
import { setField } from "../../builder/edits";
import type { FormField } from "../../builder/forms";
import { renameStep } from "../../builder/reshape";
import { isWithin, type Path } from "../../builder/source";
import type { Placed } from "./answers";
import type { Do } from "./deeds";
import type { Complete } from "./ExpressionInput";

/** What all fields of the form have in common. */
export interface Scope {
  readonly act: Do;
  /** The step that the form is of. */
  readonly path: Path;
  readonly readOnly: boolean;
  readonly scopes: Scopes | null;
  readonly findings: readonly Placed[];
}

const Context = createContext<Scope | null>(null);
export const FormScope = Context.Provider;

export function useFormScope(): Scope {
  const scope = useContext(Context);
  if (scope === null) throw new Error("a field outside of a form");
  return scope;
}

/** Give a place in the document another value; undefined takes it away. */
export type SetValue = (path: Path, value: unknown) => void;

export function useSetValue(): SetValue {
  const { act, path: step } = useFormScope();
  return (path, value) => {
    act({
      kind: "field",
      where: path.join("/"),
      at: Date.now(),
      edit: (text, { grammar }) => ({ text: setField(text, path, value, grammar), path: step }),
    });
  };
}

/** Call a step differently, also where expressions speak of it. */
export function useRename(): (name: string) => void {
  const { act, path } = useFormScope();
  return (name) => {
    act({
      kind: "edit",
      said: "Renamed",
      edit: (text, { grammar }) => ({ text: renameStep(text, path, name, grammar).text, path }),
    });
  };
}

/** What fits at the caret of a field, from the names that the checker knows there. */
export function useCompletion(field: FormField): Complete {
  const { scopes } = useFormScope();
  return (text, caret) => {
    if (scopes === null || field.expressions === "none") return null;
    return complete(text, caret, scopes, field.path, field.expressions);
  };
}

/** The worst of what was found at a field or within it; nothing of what is within its own fields. */
export function useObjection(field: FormField): string {
  const { findings } = useFormScope();
  const inner = field.widget === "record" || field.widget === "records";
  const found = findings.filter((one) => {
    if (one.path == null || one.severity === "note") return false;
    return inner ? one.path.join("/") === field.path.join("/") : isWithin(one.path, field.path);
  });
  const worst = found.find((one) => one.severity === "error") ?? found[0];
  return worst?.message ?? "";
}
