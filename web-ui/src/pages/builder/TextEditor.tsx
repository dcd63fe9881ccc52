import type { EditorView } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import { giveText, goTo, type Lines, type Mark, openEditor, showLines, showMarks } from "./editing";

/** What can be asked of the editor from outside. */
export interface TextHandle {
  readonly goTo: (line: number, column: number) => void;
}

interface Properties {
  readonly ref?: Ref<TextHandle>;
  readonly text: string;
  readonly readOnly: boolean;
  /** Lines of the selected step. */
  readonly chosen: Lines | null;
  readonly marks: readonly Mark[];
  readonly onText: (text: string) => void;
  readonly onCaret: (line: number) => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onSave: () => void;
}

const CRLF = "\r\n";

/** The editor ends its lines with a line feed; those of a file go on ending as they do. */
function endingAs(before: string, now: string): string {
  return before.includes(CRLF) ? now.replaceAll("\n", CRLF) : now;
}

/** The text of the playbook, to be edited. What is undone is the page's, not the editor's own. */
export function TextEditor(properties: Properties) {
  const { ref, text, readOnly, chosen, marks } = properties;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(properties);
  useEffect(() => {
    latest.current = properties;
  });

  useEffect(() => {
    if (host.current === null) return undefined;
    const editor = openEditor(
      host.current,
      latest.current.text,
      {
        text: (now) => {
          latest.current.onText(endingAs(latest.current.text, now));
        },
        caret: (line) => {
          latest.current.onCaret(line);
        },
        undo: () => {
          latest.current.onUndo();
        },
        redo: () => {
          latest.current.onRedo();
        },
        save: () => {
          latest.current.onSave();
        },
      },
      readOnly,
    );
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [readOnly]);

  useEffect(() => {
    if (view.current !== null) giveText(view.current, text);
  }, [text]);

  const [first, last] = chosen ?? [0, 0];
  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    showLines(editor, first === 0 ? null : [first, last], !editor.hasFocus);
  }, [first, last, readOnly]);

  useEffect(() => {
    if (view.current !== null) showMarks(view.current, marks);
  }, [marks, readOnly]);

  useImperativeHandle(ref, () => ({
    goTo: (line, column) => {
      if (view.current !== null) goTo(view.current, line, column);
    },
  }));

  return <div ref={host} className="builder-text" />;
}
