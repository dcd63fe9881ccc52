import { defaultKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import {
  Annotation,
  EditorState,
  type Extension,
  RangeSetBuilder,
  StateEffect,
  StateField,
} from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** First and last line, counted from 1, both within. */
export type Lines = readonly [first: number, last: number];

/** What is wrong at a line, counted from 1, as the editor shows it. */
export interface Mark {
  readonly line: number;
  readonly column: number;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
}

/** What the editor tells of. */
export interface Told {
  readonly text: (text: string) => void;
  /** Somebody put the caret into another line. */
  readonly caret: (line: number) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly save: () => void;
}

/** A change that came from outside: nobody typed it. */
const given = Annotation.define<boolean>();
const highlight = StateEffect.define<Lines | null>();
const selectedLine = Decoration.line({ class: "cm-chosen" });

const highlighted = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(highlight)) return linesOf(transaction.state, effect.value);
    }
    return before.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function linesOf(state: EditorState, lines: Lines | null): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  if (lines !== null) {
    for (let at = lines[0]; at <= Math.min(lines[1], state.doc.lines); at += 1) {
      const { from } = state.doc.line(at);
      builder.add(from, from, selectedLine);
    }
  }
  return builder.finish();
}

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": {
    fontFamily: "var(--mono)",
    fontSize: "var(--size-small)",
    lineHeight: "1.55",
    overflow: "auto",
  },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": {
    color: "var(--text-soft)",
    backgroundColor: "var(--surface)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--sunken)" },
  ".cm-chosen, &.cm-focused .cm-chosen": { backgroundColor: "var(--accent-wash)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground":
    { backgroundColor: "var(--line)" },
  ".cm-tooltip, .cm-panels": {
    color: "var(--text)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line-strong)",
  },
  // The library draws these with pictures in data: addresses, which the policy takes no more.
  ".cm-lintRange": {
    backgroundImage: "none !important",
    textDecoration: "underline wavy 1px var(--failed)",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": { textDecorationColor: "var(--attention)" },
  ".cm-lintRange-info, .cm-lintRange-hint": { textDecorationColor: "var(--idle)" },
  ".cm-lint-marker": { content: "normal !important", fontWeight: "700", textAlign: "center" },
  ".cm-lint-marker-error::before": { content: '"✕"', color: "var(--failed)" },
  ".cm-lint-marker-warning::before": { content: '"!"', color: "var(--attention)" },
  ".cm-lint-marker-info::before": { content: '"·"', color: "var(--idle)" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap", fontFamily: "var(--font)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--failed)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--attention)" },
  ".cm-panel.cm-search": { padding: "0.5rem" },
  ".cm-textfield, .cm-button": {
    color: "inherit",
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    border: "1px solid var(--line-strong)",
  },
});

const colours = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--accent)" },
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.comment, color: "var(--text-soft)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--succeeded)" },
  { tag: [tags.keyword, tags.labelName, tags.typeName], color: "var(--waiting)" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket], color: "var(--text-soft)" },
]);

function extensions(told: Told, readOnly: boolean): Extension {
  return [
    lineNumbers(),
    lintGutter(),
    highlighted,
    highlightActiveLine(),
    highlightSelectionMatches(),
    drawSelection(),
    yaml(),
    indentUnit.of("  "),
    syntaxHighlighting(colours),
    look,
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({ "aria-label": "YAML of the playbook", tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      const typed = !update.transactions.some((one) => one.annotation(given) === true);
      if (update.docChanged && typed) told.text(update.state.doc.toString());
      else if (update.selectionSet && typed) told.caret(lineOfCaret(update.state));
    }),
    // Before the keymap, for which Shift does not count where a key gives a small letter with it.
    EditorView.domEventHandlers({ keydown: (event) => pressed(event, told) }),
    keymap.of([...searchKeymap, ...lintKeymap, ...defaultKeymap]),
  ];
}

/** What is undone, redone and saved is the page's; whether the key was one of these. */
function pressed(event: KeyboardEvent, told: Told): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return false;
  const key = event.key.toLowerCase();
  if (key === "z") (event.shiftKey ? told.redo : told.undo)();
  else if (key === "y") told.redo();
  else if (key === "s") told.save();
  else return false;
  event.preventDefault();
  return true;
}

function lineOfCaret(state: EditorState): number {
  return state.doc.lineAt(state.selection.main.head).number;
}

/**
 * A text editor within an element. It lives in a shadow root, where its styles are adopted
 * stylesheets: the content security policy takes no `<style>` element.
 */
export function openEditor(
  host: HTMLElement,
  text: string,
  told: Told,
  readOnly: boolean,
): EditorView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  return new EditorView({
    parent: root,
    root,
    state: EditorState.create({ doc: text, extensions: extensions(told, readOnly) }),
  });
}

/** Give the editor another text. Only what differs is replaced, so that caret and view stay. */
export function giveText(view: EditorView, whole: string): void {
  const before = view.state.doc.toString();
  // As the editor has it: half of a line's end would be taken for a whole one.
  const text = whole.replaceAll(/\r\n?/g, "\n");
  if (before === text) return;
  const change = difference(before, text);
  view.dispatch({ changes: change, annotations: given.of(true) });
}

/** The one stretch in which two texts differ. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from += 1;
  let back = 0;
  while (
    back < shorter - from &&
    before[before.length - 1 - back] === after[after.length - 1 - back]
  ) {
    back += 1;
  }
  return { from, to: before.length - back, insert: after.slice(from, after.length - back) };
}

/** Mark lines as those of the selected step, and bring the first one into view. */
export function showLines(view: EditorView, lines: Lines | null, reveal: boolean): void {
  const effects: StateEffect<unknown>[] = [highlight.of(lines)];
  if (lines !== null && reveal && lines[0] <= view.state.doc.lines) {
    const { from } = view.state.doc.line(lines[0]);
    effects.push(EditorView.scrollIntoView(from, { y: "nearest", yMargin: 60 }));
  }
  view.dispatch({ effects, annotations: given.of(true) });
}

/** Put the caret to a place, and the keyboard with it. */
export function goTo(view: EditorView, line: number, column: number): void {
  const found = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines)));
  const anchor = Math.min(found.to, found.from + Math.max(0, column - 1));
  view.dispatch({ selection: { anchor }, scrollIntoView: true });
  view.focus();
}

export function showMarks(view: EditorView, marks: readonly Mark[]): void {
  const { doc } = view.state;
  const diagnostics = marks
    .filter((mark) => mark.line >= 1 && mark.line <= doc.lines)
    .map((mark): Diagnostic => {
      const line = doc.line(mark.line);
      const from = Math.min(line.to, line.from + Math.max(0, mark.column - 1));
      return { from, to: line.to, severity: mark.severity, message: mark.message };
    });
  view.dispatch(setDiagnostics(view.state, diagnostics));
}
