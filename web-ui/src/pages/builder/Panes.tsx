import { lazy, type ReactNode, type RefObject, Suspense, useMemo, useRef } from "react";

import { type Block, pathsIn } from "../../builder/blocks";
import { stepAt } from "../../builder/outline";
import { type PaletteEntry, stepOf } from "../../builder/palette";
import type { Path } from "../../builder/source";
import { Loading } from "../../components/notices";
import type { Placed } from "./answers";
import { type Bench, chosenBlock, type Said } from "./bench";
import { type Do, inserted } from "./deeds";
import type { Lines } from "./editing";
import { markedLines, markedSteps } from "./marks";
import { PalettePanel } from "./PalettePanel";
import { isList, listAt, type Place, placeAfter } from "./places";
import { StepForm } from "./StepForm";
import { StepsPane } from "./StepsPane";
import type { TextHandle } from "./TextEditor";
import type { Check } from "./useCheck";

// The editor is most of the code, and the steps need not wait for it.
const TextEditor = lazy(async () => ({ default: (await import("./TextEditor")).TextEditor }));

export type PaneName = "palette" | "steps" | "form" | "text";

const PANES: readonly (readonly [PaneName, string])[] = [
  ["palette", "Palette"],
  ["steps", "Steps"],
  ["form", "Form"],
  ["text", "Text"],
];

export interface PanesProperties {
  readonly bench: Bench;
  readonly act: Do;
  readonly title: string;
  readonly check: Check;
  readonly environment: string;
  readonly readOnly: boolean;
  readonly pane: PaneName;
  readonly onPane: (pane: PaneName) => void;
  /** Another number: the keyboard is to go to the chosen step. */
  readonly grab: number;
  /** Where one searches among the steps. */
  readonly find: RefObject<HTMLInputElement | null>;
  readonly onGrab: () => void;
  readonly editor: RefObject<TextHandle | null>;
  readonly onMoveTo: (block: Block) => void;
  readonly onSave: () => void;
}

/** The palette, the steps, the form, and the text: four views of one thing. */
export function Panes(properties: PanesProperties) {
  const { bench, act, check, environment, readOnly, pane, onPane, onGrab } = properties;
  const { selection: chosen } = bench.history.present;
  const search = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLDivElement>(null);
  const { flags, marks } = useMarks(bench, check);
  const add = (entry: PaletteEntry, place: Place) => {
    act(inserted(place.list, place.index, stepOf(entry, namesIn(bench, place.list))));
    onGrab();
  };
  const toPalette = () => {
    onPane("palette");
    // What was searched for last is there, and gone with the first letter.
    search.current?.select();
    focusSoon(() => search.current);
  };
  const toForm = () => {
    onPane("form");
    focusSoon(() => form.current?.querySelector<HTMLElement>(FIELDS) ?? null);
  };
  return (
    <>
      <Switch pane={pane} onPane={onPane} />
      <div className="builder-panes">
        <Pane name="palette" title="Palette" shown={pane}>
          <PalettePanel
            grammar={bench.grammar}
            environment={environment}
            readOnly={readOnly}
            search={search}
            onLeave={onGrab}
            onAdd={(entry) => {
              add(entry, placeAfter(bench.outline, chosen));
            }}
          />
        </Pane>
        <Pane name="steps" title="Steps" shown={pane} aside={<Words said={bench.said} />}>
          <StepsPane
            {...properties}
            flags={flags}
            onAdd={add}
            onPalette={toPalette}
            onForm={toForm}
          />
        </Pane>
        <Pane
          name="form"
          title="Form"
          shown={pane}
          aside={<p className="builder-said">{chosenIn(bench)}</p>}
        >
          <div className="pane-scroll" ref={form}>
            <StepForm
              key={chosen.join("/")}
              bench={bench}
              act={act}
              check={check}
              readOnly={readOnly}
              onLeave={onGrab}
            />
          </div>
        </Pane>
        <Pane name="text" title="Text" shown={pane}>
          <Suspense fallback={<Loading what="the text" />}>
            <TextPane {...properties} marks={marks} />
          </Suspense>
        </Pane>
      </div>
    </>
  );
}

const FIELDS = "input, textarea, select, button";

/** At once, so that no key is lost; where a pane was hidden, as soon as it is drawn. */
export function focusSoon(find: () => HTMLElement | null): void {
  const now = find();
  now?.focus();
  if (now === null || document.activeElement !== now) {
    window.requestAnimationFrame(() => find()?.focus());
  }
}

function TextPane(
  properties: PanesProperties & { readonly marks: ReturnType<typeof markedLines> },
) {
  const { bench, act, readOnly, marks, editor, onSave } = properties;
  return (
    <TextEditor
      ref={editor}
      text={bench.history.present.text}
      readOnly={readOnly}
      chosen={linesOf(bench)}
      marks={marks}
      onText={(text) => {
        act({ kind: "text", text, at: Date.now() });
      }}
      onCaret={(line) => {
        act({ kind: "line", line });
      }}
      onUndo={() => {
        act({ kind: "undo" });
      }}
      onRedo={() => {
        act({ kind: "redo" });
      }}
      onSave={onSave}
    />
  );
}

const NONE: readonly Placed[] = [];

function useMarks(bench: Bench, check: Check) {
  const findings = check.answer?.findings ?? NONE;
  const { outline } = bench;
  const flags = useMemo(() => markedSteps(outline, findings), [outline, findings]);
  const { problem } = outline;
  const marks = useMemo(() => markedLines(problem, findings), [problem, findings]);
  return { flags, marks };
}

/** What the form is of. */
function chosenIn(bench: Bench): string {
  const { count } = chosenBlock(bench);
  if (count > 1) return `${count} steps`;
  const { selection } = bench.history.present;
  const path = isList(selection) ? selection.slice(0, -1) : selection;
  return path.length === 0 ? "the playbook" : (stepAt(bench.outline, path)?.title ?? "");
}

/** The names that are taken in a list. */
function namesIn(bench: Bench, list: Path): ReadonlySet<unknown> {
  return new Set(listAt(bench.outline, list)?.steps.map((one) => one.name));
}

function linesOf(bench: Bench): Lines | null {
  const { selection } = bench.history.present;
  if (selection.length === 0 || bench.outline.problem !== null) return null;
  if (isList(selection)) return listAt(bench.outline, selection)?.lines ?? null;
  const lines = pathsIn(chosenBlock(bench)).map((path) => stepAt(bench.outline, path)?.lines);
  const [first, last] = [lines[0]?.[0], lines.at(-1)?.[1]];
  return first === undefined || last === undefined ? null : [first, last];
}

interface PaneProperties {
  readonly name: PaneName;
  readonly title: string;
  readonly shown: PaneName;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

function Pane({ name, title, shown, aside, children }: PaneProperties) {
  return (
    <section className={`panel pane-${name}`} aria-label={title} data-shown={shown === name}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** What was done last, or why it was not; the key has the same words spoken twice. */
function Words({ said }: { said: Said }) {
  return (
    <p className="builder-said" role="status">
      <span key={said.turn} data-tone={said.refused ? "failed" : undefined}>
        {said.text}
      </span>
    </p>
  );
}

/** On a narrow screen one pane is shown at a time. */
function Switch({ pane, onPane }: { pane: PaneName; onPane: (pane: PaneName) => void }) {
  return (
    <div className="builder-views" role="group" aria-label="Show">
      {PANES.map(([name, title]) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === pane}
          onClick={() => {
            onPane(name);
          }}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
