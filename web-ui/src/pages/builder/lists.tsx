import { useId } from "react";

import type { FormField } from "../../builder/forms";
import { enteredAny, isRecord, shownAs } from "./entering";
import { ExpressionInput, SettledInput } from "./ExpressionInput";
import { useCompletion, useFormScope, useSetValue } from "./formScope";
import { inWords } from "./words";

/** Texts and numbers, one under the other. */
export function ListField({ field }: { field: FormField }) {
  const id = useId();
  const { readOnly } = useFormScope();
  const set = useSetValue();
  const complete = useCompletion(field);
  const entries: readonly unknown[] = Array.isArray(field.value) ? field.value : [];
  const change = (next: readonly unknown[]) => {
    set(field.path, next.length === 0 && !field.required ? undefined : next);
  };
  return (
    <>
      {entries.map((entry, index) => (
        <div className="entry" key={index}>
          <ExpressionInput
            id={`${id}-${index}`}
            label={`${inWords(field.key)} ${index + 1}`}
            value={shownAs(entry)}
            complete={complete}
            describedBy={undefined}
            invalid={false}
            readOnly={readOnly}
            lines={false}
            onChange={(text) => {
              change(entries.map((one, at) => (at === index ? enteredAny(text, one) : one)));
            }}
          />
          <Remove
            what={`${inWords(field.key)} ${index + 1}`}
            onClick={() => {
              change(entries.filter((_, at) => at !== index));
            }}
          />
        </div>
      ))}
      {readOnly ? null : (
        <button
          type="button"
          onClick={() => {
            change([...entries, `new-${entries.length + 1}`]);
          }}
        >
          Add to {inWords(field.key)}
        </button>
      )}
    </>
  );
}

/** Names and values, one under the other. */
export function MapField({ field }: { field: FormField }) {
  const id = useId();
  const { readOnly } = useFormScope();
  const set = useSetValue();
  const complete = useCompletion(field);
  const value = isRecord(field.value) ? field.value : {};
  const entries = Object.entries(value);
  const rename = (index: number, name: string) => {
    if (name === "" || name in value) return;
    set(
      field.path,
      Object.fromEntries(entries.map(([key, one], at) => [at === index ? name : key, one])),
    );
  };
  return (
    <>
      {entries.map(([key, entry], index) => (
        <div className="entry named" key={index}>
          <SettledInput
            label={`Name ${index + 1} of ${inWords(field.key)}`}
            value={key}
            readOnly={readOnly}
            onChange={(name) => {
              rename(index, name);
            }}
          />
          <ExpressionInput
            id={`${id}-${index}`}
            label={`Value of ${key}`}
            value={shownAs(entry)}
            complete={complete}
            describedBy={undefined}
            invalid={false}
            readOnly={readOnly}
            lines={false}
            onChange={(text) => {
              set([...field.path, key], enteredAny(text, entry));
            }}
          />
          <Remove
            what={key}
            onClick={() => {
              const left = Object.fromEntries(entries.filter(([one]) => one !== key));
              set(field.path, Object.keys(left).length === 0 ? undefined : left);
            }}
          />
        </div>
      ))}
      {readOnly ? null : (
        <button
          type="button"
          onClick={() => {
            set([...field.path, freshKey(value)], "");
          }}
        >
          Add to {inWords(field.key)}
        </button>
      )}
    </>
  );
}

function freshKey(value: Readonly<Record<string, unknown>>): string {
  let number = 1;
  while (`NAME_${number}` in value) number += 1;
  return `NAME_${number}`;
}

function Remove({ what, onClick }: { what: string; onClick: () => void }) {
  const { readOnly } = useFormScope();
  if (readOnly) return null;
  return (
    <button type="button" className="plain" aria-label={`Remove ${what}`} onClick={onClick}>
      ✕
    </button>
  );
}
