import { useMemo, useState } from "react";

import { type Form, formAt, type FormField } from "../../builder/forms";
import { samePath } from "../../builder/source";
import { type Bench, chosenBlock } from "./bench";
import type { Do } from "./deeds";
import { FieldView } from "./FieldView";
import { FormScope, type Scope } from "./formScope";
import { isList } from "./places";
import { Prose } from "./Prose";
import type { Check } from "./useCheck";
import { inWords } from "./words";

interface Properties {
  readonly bench: Bench;
  readonly act: Do;
  readonly check: Check;
  readonly readOnly: boolean;
  readonly onLeave: () => void;
}

/** The form of the chosen step, branch, or playbook, as the JSON Schema describes it. */
export function StepForm({ bench, act, check, readOnly, onLeave }: Properties) {
  const { text, selection } = bench.history.present;
  const path = useMemo(() => (isList(selection) ? selection.slice(0, -1) : selection), [selection]);
  const [all, setAll] = useState(false);
  const scope = useMemo<Scope>(
    () => ({
      act,
      path,
      readOnly,
      scopes: check.answer?.scopes ?? null,
      findings: check.answer?.findings ?? [],
    }),
    [act, path, readOnly, check.answer],
  );
  if (bench.outline.problem !== null) {
    const { line, message } = bench.outline.problem;
    return (
      <p className="wrong">
        The text cannot be read (line {line}: {message}). Mend it there, and the form is back.
      </p>
    );
  }
  const { count } = chosenBlock(bench);
  if (count > 1) return <Several count={count} />;
  const form = formAt(text, path, bench.grammar);
  return (
    <FormScope value={scope}>
      <div
        className="step-form"
        role="presentation"
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.defaultPrevented) onLeave();
        }}
      >
        <p>
          <strong>{inWords(form.kind === "playbook-file" ? "playbook" : form.kind)}</strong>{" "}
          <span className="soft">
            <Prose text={form.description} />
          </span>
        </p>
        <Fields key={path.join("/")} form={form} all={all} onAll={setAll} />
      </div>
    </FormScope>
  );
}

/** Several have no form in common, but much can be done with all of them. */
function Several({ count }: { count: number }) {
  return (
    <div className="step-form">
      <p>
        <strong>{count} steps are chosen.</strong> They are moved, dragged, copied, duplicated and
        removed together. The menu (<kbd>M</kbd>) wraps them into one: into a parallel step each in
        a branch of its own.
      </p>
      <p className="soft">
        <kbd>Shift</kbd> with <kbd>↑</kbd>, <kbd>↓</kbd> or a click chooses more or fewer,{" "}
        <kbd>Esc</kbd> one alone.
      </p>
    </div>
  );
}

interface FieldsProperties {
  readonly form: Form;
  readonly all: boolean;
  readonly onAll: (all: boolean) => void;
}

/** First what makes the kind, and what is said; the rest on demand. */
function Fields({ form, all, onAll }: FieldsProperties) {
  const [held] = useState(
    () => new Set(form.fields.filter((one) => isFirst(form, one)).map((one) => one.key)),
  );
  const first = form.fields.filter((one) => held.has(one.key) || one.given);
  const rest = form.fields.filter((one) => !first.includes(one));
  return (
    <>
      {first.map((field) => (
        <FieldView key={field.key} field={field} />
      ))}
      {form.unknown.length > 0 ? (
        <p className="wrong">Unknown here: {form.unknown.join(", ")}. The text can mend that.</p>
      ) : null}
      {rest.length === 0 ? null : (
        <details
          open={all}
          onToggle={(event) => {
            onAll(event.currentTarget.open);
          }}
        >
          <summary>{rest.length} more fields</summary>
          {all ? (
            <div className="step-form">
              {rest.map((field) => (
                <FieldView key={field.key} field={field} />
              ))}
            </div>
          ) : null}
        </details>
      )}
    </>
  );
}

const ALWAYS = new Set(["name", "type", "description"]);
const PLAYBOOK = new Set(["name", "description", "version", "parameters"]);

function isFirst(form: Form, field: FormField): boolean {
  if (field.given) return true;
  if (samePath(form.path, [])) return PLAYBOOK.has(field.key);
  if (form.oneOf.length > 0 && form.oneOf.includes(field.key)) {
    // Of several ways to say it, the one that is used, or all if none is.
    return !form.fields.some((one) => one.given && form.oneOf.includes(one.key));
  }
  return ALWAYS.has(field.key) || (field.own && (field.required || form.kind !== "command"));
}
