import { type ReactNode, useId } from "react";

import { type FormField, recordFields } from "../../builder/forms";
import { samePath } from "../../builder/source";
import { ExpressionInput } from "./ExpressionInput";
import { entered, isRecord, shownAs } from "./entering";
import { useCompletion, useFormScope, useObjection, useRename, useSetValue } from "./formScope";
import { ListField, MapField } from "./lists";
import { Prose } from "./Prose";
import { YamlField } from "./YamlField";
import { inWords } from "./words";

/** One field of the form, whatever it takes. */
export function FieldView({ field }: { field: FormField }) {
  switch (field.widget) {
    case "boolean":
    case "choice":
      return <ChoiceField field={field} />;
    case "list":
      return field.given && !Array.isArray(field.value) ? (
        <TextField field={field} />
      ) : (
        <Group field={field}>
          <ListField field={field} />
        </Group>
      );
    case "map":
      return (
        <Group field={field}>
          <MapField field={field} />
        </Group>
      );
    case "record":
      return <RecordField field={field} />;
    case "records":
      return (
        <Group field={field}>
          <RecordsField field={field} />
        </Group>
      );
    case "yaml":
      return <YamlField field={field} />;
    default:
      return <TextField field={field} />;
  }
}

interface LabelledProperties {
  readonly field: FormField;
  readonly id: string;
  readonly children: ReactNode;
}

/** The label over a field, what it means, and what is wrong with it. */
export function Labelled({ field, id, children }: LabelledProperties) {
  const objection = useObjection(field);
  return (
    <div className="field">
      <label htmlFor={id}>
        {inWords(field.key)} {field.required ? <span className="soft">(needed)</span> : null}
      </label>
      {children}
      <span id={`${id}-hint`} className={objection === "" ? "hint" : "wrong"}>
        <Prose text={objection === "" ? field.help : objection} />
      </span>
    </div>
  );
}

/** Several inputs under one name. */
function Group({ field, children }: { field: FormField; children: ReactNode }) {
  const objection = useObjection(field);
  return (
    <fieldset>
      <legend>{inWords(field.key)}</legend>
      <p className={objection === "" ? "soft" : "wrong"}>
        <Prose text={objection === "" ? field.help : objection} />
      </p>
      {children}
    </fieldset>
  );
}

function TextField({ field }: { field: FormField }) {
  const id = useId();
  const { path: step, readOnly } = useFormScope();
  const set = useSetValue();
  const rename = useRename();
  const complete = useCompletion(field);
  const objection = useObjection(field);
  const named = field.key === "name" && samePath(field.path, [...step, "name"]) && step.length > 0;
  const numeric = field.widget === "number" || field.widget === "duration";
  return (
    <Labelled field={field} id={id}>
      <ExpressionInput
        id={id}
        value={shownAs(field.value)}
        complete={complete}
        describedBy={`${id}-hint`}
        invalid={objection !== ""}
        readOnly={readOnly}
        lines={field.widget === "lines" || shownAs(field.value).includes("\n")}
        late={named}
        onChange={(text) => {
          if (named && text !== "") rename(text);
          else set(field.path, entered(text, numeric || typeof field.value === "number"));
        }}
      />
    </Labelled>
  );
}

function ChoiceField({ field }: { field: FormField }) {
  const id = useId();
  const { readOnly } = useFormScope();
  const set = useSetValue();
  const choices = field.widget === "boolean" ? ["true", "false"] : field.choices;
  return (
    <Labelled field={field} id={id}>
      <select
        id={id}
        value={shownAs(field.value)}
        disabled={readOnly}
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          const { value } = event.target;
          set(
            field.path,
            value === "" ? undefined : field.widget === "boolean" ? value === "true" : value,
          );
        }}
      >
        <option value="">–</option>
        {choices.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** Fields of its own; where one text may stand for all of them, that text, too. */
function RecordField({ field }: { field: FormField }) {
  const set = useSetValue();
  const scope = useFormScope();
  const record = isRecord(field.value);
  const short = field.short && !record;
  return (
    <Group field={field}>
      {short ? <TextField field={{ ...field, widget: "number", help: "" }} /> : null}
      <details open={record}>
        <summary>{record ? "Its fields" : `All fields of ${inWords(field.key)}`}</summary>
        <div className="step-form">
          {record || !field.given ? (
            field.fields.map((one) => <FieldView key={one.key} field={one} />)
          ) : (
            <button
              type="button"
              disabled={scope.readOnly}
              onClick={() => {
                set(field.path, undefined);
              }}
            >
              Say it with fields
            </button>
          )}
        </div>
      </details>
    </Group>
  );
}

/** A list of records, such as parameters or locks. */
function RecordsField({ field }: { field: FormField }) {
  const set = useSetValue();
  const { readOnly } = useFormScope();
  const entries: readonly unknown[] = Array.isArray(field.value) ? field.value : [];
  const change = (next: readonly unknown[]) => {
    set(field.path, next.length === 0 ? undefined : next);
  };
  const key = field.fields.find((one) => one.required)?.key ?? field.fields[0]?.key ?? "name";
  return (
    <>
      {entries.map((entry, index) => (
        <fieldset key={index}>
          <legend>{titleOf(entry, key, index)}</legend>
          {isRecord(entry) ? (
            <RecordEntry field={field} index={index} entry={entry} />
          ) : (
            <TextField field={entryField(field, index, entry)} />
          )}
          {readOnly ? null : (
            <button
              type="button"
              onClick={() => {
                change(entries.filter((_, at) => at !== index));
              }}
            >
              Remove {titleOf(entry, key, index)}
            </button>
          )}
        </fieldset>
      ))}
      {readOnly ? null : (
        <button
          type="button"
          onClick={() => {
            change([...entries, { [key]: freshName(entries, key) }]);
          }}
        >
          Add to {inWords(field.key)}
        </button>
      )}
    </>
  );
}

interface EntryProperties {
  readonly field: FormField;
  readonly index: number;
  readonly entry: Readonly<Record<string, unknown>>;
}

function RecordEntry({ field, index, entry }: EntryProperties) {
  const fields = recordFields(field, index);
  const said = fields.filter((one) => one.required || one.key in entry || one.key === "type");
  const rest = fields.filter((one) => !said.includes(one));
  return (
    <>
      {said.map((one) => (
        <FieldView key={one.key} field={one} />
      ))}
      {rest.length === 0 ? null : (
        <details>
          <summary>{rest.length} more</summary>
          <div className="step-form">
            {rest.map((one) => (
              <FieldView key={one.key} field={one} />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

/** An entry that is a text by itself. */
function entryField(field: FormField, index: number, entry: unknown): FormField {
  const key = String(index + 1);
  return { ...field, key, path: [...field.path, index], widget: "text", value: entry, help: "" };
}

function titleOf(entry: unknown, key: string, index: number): string {
  const said = isRecord(entry) ? entry[key] : entry;
  return typeof said === "string" && said !== "" ? said : `number ${index + 1}`;
}

function freshName(entries: readonly unknown[], key: string): string {
  const taken = new Set(entries.map((one) => (isRecord(one) ? one[key] : one)));
  let number = entries.length + 1;
  while (taken.has(`new_${number}`)) number += 1;
  return `new_${number}`;
}
