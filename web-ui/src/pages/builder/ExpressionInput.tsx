import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";

import type { Completion } from "../../builder/completion";

/** What fits at the caret of a text. */
export type Complete = (text: string, caret: number) => Completion | null;

interface Properties {
  readonly id: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly complete: Complete;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly readOnly: boolean;
  readonly lines: boolean;
  /** What it is called, if no label stands beside it. */
  readonly label?: string;
  /** Told only when the field is left, or with Enter. */
  readonly late?: boolean;
}

const SETTLE = 200;

/**
 * A line (or lines) of text in which names are completed: a list opens under it while a name is
 * typed or with Ctrl+Space; arrows choose, Enter or Tab takes, Escape closes. What is typed is told
 * when the typing rests, and at the latest when the field is left.
 */
export function ExpressionInput(properties: Properties) {
  const { id, complete, describedBy, invalid, readOnly, lines, label } = properties;
  const [text, setText, flush] = useSettled(
    properties.value,
    properties.onChange,
    properties.late === true,
  );
  const [offer, setOffer] = useState<Completion | null>(null);
  const [at, setAt] = useState(0);
  const list = useId();
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const caret = useRef<number | null>(null);

  useEffect(() => {
    if (caret.current === null) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });

  const look = (value: string, position: number | null) => {
    const found = position === null ? null : complete(value, position);
    setOffer(found === null || found.options.length === 0 ? null : found);
    setAt(0);
  };
  const take = (index: number) => {
    const option = offer?.options[index];
    if (offer == null || option === undefined) return;
    caret.current = offer.from + option.insert.length;
    setText(text.slice(0, offer.from) + option.insert + text.slice(offer.to));
    setOffer(null);
    field.current?.focus();
  };
  const press = (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    const ctrl = event.ctrlKey || event.metaKey;
    if (ctrl && event.key === " ") look(text, event.currentTarget.selectionStart);
    else if (offer === null) {
      if (ctrl || (event.key === "Enter" && !lines) || event.key === "Escape") flush();
      return;
    } else if (event.key === "ArrowDown") setAt((at + 1) % offer.options.length);
    else if (event.key === "ArrowUp") setAt((at + offer.options.length - 1) % offer.options.length);
    else if (event.key === "Enter" || event.key === "Tab") take(at);
    else if (event.key === "Escape") setOffer(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shared = {
    id,
    ref: field,
    value: text,
    readOnly,
    spellCheck: false,
    "aria-label": label,
    autoComplete: "off",
    "aria-invalid": invalid,
    "aria-describedby": describedBy,
    "aria-autocomplete": "list" as const,
    "aria-controls": offer === null ? undefined : list,
    "aria-activedescendant": offer === null ? undefined : `${list}-${at}`,
    onKeyDown: press,
    onBlur: () => {
      flush();
      setOffer(null);
    },
    onChange: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      const { value, selectionStart } = event.currentTarget;
      setText(value);
      look(value, selectionStart);
    },
  };
  return (
    <div className="completing">
      {lines ? (
        <textarea {...shared} rows={Math.min(12, Math.max(2, text.split("\n").length))} />
      ) : (
        <input {...shared} role="combobox" aria-controls={list} aria-expanded={offer !== null} />
      )}
      {offer === null ? null : <Options id={list} offer={offer} at={at} onTake={take} />}
    </div>
  );
}

interface OptionsProperties {
  readonly id: string;
  readonly offer: Completion;
  readonly at: number;
  readonly onTake: (index: number) => void;
}

function Options({ id, offer, at, onTake }: OptionsProperties) {
  const chosen = useRef<HTMLDivElement>(null);
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return (
    <div className="options" id={id} role="listbox" aria-label="Names that fit">
      {offer.options.map((option, index) => (
        <div
          key={option.label}
          id={`${id}-${index}`}
          ref={index === at ? chosen : undefined}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          // The field must not lose the keyboard to what is clicked.
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(index);
          }}
        >
          <code>{option.label}</code> <span className="soft">{option.detail}</span>
        </div>
      ))}
    </div>
  );
}

interface SettledProperties {
  readonly label: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly onChange: (value: string) => void;
}

/** A line of text without expressions, such as a key; told when it is left, or with Enter. */
export function SettledInput({ label, value, readOnly, onChange }: SettledProperties) {
  const [text, setText, flush] = useSettled(value, onChange, true);
  return (
    <input
      aria-label={label}
      className="mono"
      value={text}
      readOnly={readOnly}
      spellCheck={false}
      autoComplete="off"
      onBlur={flush}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.ctrlKey || event.metaKey) flush();
      }}
      onChange={(event) => {
        setText(event.target.value);
      }}
    />
  );
}

/**
 * A text that is told on when its typing rests; another value from outside replaces it. The third
 * tells at once.
 */
export function useSettled(
  value: string,
  tell: (value: string) => void,
  late = false,
): [string, (text: string) => void, () => void] {
  const [typed, setTyped] = useState<string | null>(null);
  const pending = useRef<{ text: string; timer: number } | null>(null);
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  const flush = () => {
    if (pending.current === null) return;
    const { text, timer } = pending.current;
    window.clearTimeout(timer);
    pending.current = null;
    setTyped(null);
    latest.current(text);
  };
  const type = (text: string) => {
    if (pending.current !== null) window.clearTimeout(pending.current.timer);
    setTyped(text);
    pending.current = { text, timer: late ? 0 : window.setTimeout(flush, SETTLE) };
  };
  useEffect(
    () => () => {
      const left = pending.current;
      if (left === null) return;
      window.clearTimeout(left.timer);
      pending.current = null;
      latest.current(left.text);
    },
    [],
  );
  return [typed ?? value, type, flush];
}
