import { type Dispatch, useEffect, useReducer, useState } from "react";

import { toYaml } from "../../builder/forms";
import type { Grammar } from "../../builder/grammar";
import { keepHere } from "../../shell/router";
import { type Action, type Bench, benchFor, worked } from "./bench";
import { type Draft, draftKey, keepDraft } from "./draft";
import type { Saved } from "./files";

/** What a new playbook begins with: what the address says of it. */
export interface Beginning {
  readonly name: string;
  readonly description: string;
  /** What it is to be made from, if that was said. */
  readonly template: string | null;
}

export interface Opening {
  readonly name: string | null;
  readonly beginning: Beginning;
  readonly grammar: Grammar;
  readonly saved: Saved;
  readonly draft: Draft | null;
  readonly readOnly: boolean;
}

/** Whether a draft was taken up, and whether the file was changed since it was begun. */
export type Restored = "none" | "same" | "changed";

export interface Opened {
  readonly bench: Bench;
  readonly act: Dispatch<Action>;
  /** The file from which this was made; what is saved must have been made from the file there. */
  readonly base: Saved;
  readonly dirty: boolean;
  readonly restored: Restored;
  /** How to leave the page, if somebody tries to and is to be asked. */
  readonly leaving: (() => void) | null;
  readonly stay: () => void;
  readonly onSaved: (saved: Saved) => void;
  readonly onTake: (theirs: Saved) => void;
  readonly forget: () => void;
}

/** The bench with what is around it: the file, the draft, and whether one may simply leave. */
export function useBench(opening: Opening): Opened {
  const { name, saved, draft, readOnly } = opening;
  const [fresh] = useState(() => freshText(opening));
  const [bench, act] = useReducer(worked, null, () => benchWith(opening, fresh));
  const [base, setBase] = useState(draft?.base ?? saved);
  const [clean, setClean] = useState(draft === null ? fresh : draft.base.text);
  const [restored, setRestored] = useState<Restored>(() => restoredFrom(draft, saved));
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const { text } = bench.history.present;
  const dirty = !readOnly && text !== clean;

  useEffect(() => {
    if (readOnly) return;
    keepDraft(window.sessionStorage, draftKey(name), dirty ? { base, text } : null);
  }, [readOnly, name, dirty, base, text]);
  useEffect(() => {
    if (!dirty) return undefined;
    return keepHere((go) => {
      setLeaving(() => go);
    });
  }, [dirty]);

  const become = (now: Saved) => {
    setBase(now);
    setClean(now.text);
    setRestored("none");
  };
  return {
    bench,
    act,
    base,
    dirty,
    restored,
    leaving,
    stay: () => {
      setLeaving(null);
    },
    onSaved: become,
    onTake: (theirs) => {
      become(theirs);
      act({ kind: "replace", text: theirs.text, said: "Theirs is taken. Undo brings yours back." });
    },
    forget: () => {
      keepDraft(window.sessionStorage, draftKey(name), null);
    },
  };
}

function restoredFrom(draft: Draft | null, saved: Saved): Restored {
  if (draft === null) return "none";
  return draft.base.tag === saved.tag ? "same" : "changed";
}

/** What a file that is there says; of a new one its first lines. */
function freshText({ saved, beginning }: Opening): string {
  if (saved.tag !== null) return saved.text;
  const { name, description } = beginning;
  const lines = Object.entries({ name, description })
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}: ${toYaml(value)}\n`);
  return lines.join("");
}

function benchWith({ grammar, draft }: Opening, fresh: string): Bench {
  const begun = benchFor(draft === null ? fresh : draft.base.text, grammar);
  if (draft === null) return begun;
  return worked(begun, { kind: "replace", text: draft.text, said: "Your changes are here again." });
}
