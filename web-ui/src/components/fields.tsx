import type { ReactNode } from "react";

import { type Field, objection, shown, type Texts } from "../model/form";

interface TextProperties {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly wrong?: string;
  readonly list?: readonly string[];
  readonly disabled?: boolean;
}

/** A line of text with its label, what it means, and what is wrong with it. */
export function TextField(properties: TextProperties) {
  const { id, label, value, onChange, hint = "", wrong = "", list, disabled } = properties;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        disabled={disabled}
        spellCheck={false}
        autoComplete="off"
        list={list === undefined ? undefined : `${id}-list`}
        aria-invalid={wrong !== ""}
        aria-describedby={hint === "" && wrong === "" ? undefined : `${id}-hint`}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
      {list === undefined ? null : (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      <Below id={`${id}-hint`} hint={hint} wrong={wrong} />
    </div>
  );
}

function Below({ id, hint, wrong }: { id: string; hint: string; wrong: string }) {
  if (hint === "" && wrong === "") return null;
  return (
    <span id={id} className={wrong === "" ? "hint" : "wrong"}>
      {wrong === "" ? hint : wrong}
    </span>
  );
}

interface CheckProperties {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
}

export function Check({ checked, onChange, children }: CheckProperties) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
      <span>{children}</span>
    </label>
  );
}

interface FormProperties {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly texts: Texts;
  readonly onChange: (texts: Texts) => void;
  /** Say what is wrong of empty fields, too: somebody tried to send the form. */
  readonly tried: boolean;
}

/** A field for each declared value: choices and truths to choose from, the others as text. */
export function ValueFields({ name, fields, texts, onChange, tried }: FormProperties) {
  return (
    <div className="fields">
      {fields.map((field) => {
        const text = texts[field.name] ?? "";
        const wrong = text === "" && !tried ? "" : objection(field, text);
        return (
          <ValueField
            key={field.name}
            id={`${name}-${field.name}`}
            field={field}
            text={text}
            wrong={wrong}
            onChange={(value) => {
              onChange({ ...texts, [field.name]: value });
            }}
          />
        );
      })}
    </div>
  );
}

interface ValueProperties {
  readonly id: string;
  readonly field: Field;
  readonly text: string;
  readonly wrong: string;
  readonly onChange: (text: string) => void;
}

function ValueField({ id, field, text, wrong, onChange }: ValueProperties) {
  const options = field.type === "boolean" ? ["true", "false"] : field.choices?.map(shown);
  const shared = {
    id,
    value: text,
    "aria-invalid": wrong !== "",
    "aria-describedby": `${id}-hint`,
    "aria-required": field.required === true,
  };
  return (
    <div className="field">
      <label htmlFor={id}>
        {field.name} {field.required === true && field.default == null ? "(needed)" : ""}
      </label>
      {options === undefined ? (
        field.type === "list" || field.type === "map" ? (
          <textarea
            {...shared}
            spellCheck={false}
            onChange={(event) => {
              onChange(event.target.value);
            }}
          />
        ) : (
          <input
            {...shared}
            type={field.secret === true ? "password" : "text"}
            inputMode={field.type === "integer" || field.type === "number" ? "decimal" : "text"}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              onChange(event.target.value);
            }}
          />
        )
      ) : (
        <select
          {...shared}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        >
          {options.includes("") || (field.required === true && field.default != null) ? null : (
            <option value="">–</option>
          )}
          {options.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      )}
      <Below
        id={`${id}-hint`}
        hint={[field.description ?? "", field.type === "string" ? "" : field.type]
          .filter((one) => one !== "")
          .join(" · ")}
        wrong={wrong}
      />
    </div>
  );
}
