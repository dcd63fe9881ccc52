import { type KeyboardEvent, useRef, useState } from "react";

import type { Placed } from "./answers";
import type { Bench } from "./bench";
import type { Do } from "./deeds";
import { type Asked, Dialogs } from "./Dialogs";
import { Drawer, useDrawing } from "./Drawer";
import { Heading } from "./Heading";
import { nextFinding, ownerOf } from "./marks";
import type { Ways } from "./Findings";
import { focusSoon, type PaneName, Panes } from "./Panes";
import { stepNamed } from "./places";
import type { TextHandle } from "./TextEditor";
import { type Opening, useBench } from "./useBench";
import { useCheck } from "./useCheck";

interface Properties extends Opening {
  /** A new one was saved. */
  readonly onBorn: (name: string) => void;
  /** One was made from a template, to be edited then. */
  readonly onMade: (name: string) => void;
}

const NONE: readonly Placed[] = [];

/** Everything that the parts of the page have in common. */
function useDesk(properties: Properties) {
  const { name, beginning, readOnly } = properties;
  const opened = useBench(properties);
  const { bench, act } = opened;
  const { text } = bench.history.present;
  const title = nameIn(bench) ?? beginning.name;
  const [environment, setEnvironment] = useState("");
  // A new one in which nobody wrote anything is not wrong: it is empty.
  const empty = name === null && !opened.dirty;
  const check = useCheck(readOnly || empty ? null : text, name ?? title, environment);
  const drawing = useDrawing(text, name ?? title, environment);
  const [asked, setAsked] = useState<Asked | null>(
    beginning.template === null || readOnly ? null : { kind: "template" },
  );
  const panes = usePane();
  const editor = useRef<TextHandle>(null);
  const find = useRef<HTMLInputElement>(null);
  const ways: Ways = {
    where: (finding) => ownerOf(bench.outline, finding),
    onGo: (finding) => {
      setAsked(null);
      panes.setPane("text");
      act({ kind: "line", line: finding.line });
      window.requestAnimationFrame(() => editor.current?.goTo(finding.line, finding.column));
    },
    onNode: (path) => {
      setAsked(null);
      act({ kind: "choose", path });
      panes.onGrab();
    },
  };
  const findings = check.answer?.findings ?? NONE;
  const save = () => {
    if (!readOnly) setAsked({ kind: "save" });
  };
  const keys: PageKeys = {
    act,
    save,
    find: () => {
      panes.setPane("steps");
      focusSoon(() => find.current);
    },
    problem: (by) => {
      const next = nextFinding(bench, findings, by);
      if (next !== null) ways.onNode(next);
    },
  };
  const named = { opened, title, check, findings, drawing, ways, keys, editor, find, save };
  return { ...named, ...panes, environment, setEnvironment, asked, setAsked };
}

/** Everything on the page: the steps, the form, and the text of one playbook, and what is asked. */
export function Workbench(properties: Properties) {
  const { name, beginning, readOnly, onBorn, onMade } = properties;
  const desk = useDesk(properties);
  const { opened, title, check, findings, drawing, ways, pane, setPane, grab, onGrab } = desk;
  const { environment, asked, setAsked, editor, find, save } = desk;
  const { bench, act } = opened;
  return (
    <div
      className="builder"
      role="presentation"
      onKeyDown={(event) => {
        pressed(event, desk.keys);
      }}
    >
      <Heading
        name={name}
        title={title}
        opened={opened}
        check={check}
        readOnly={readOnly}
        drawing={drawing}
        environment={environment}
        onEnvironment={desk.setEnvironment}
        onTemplate={() => {
          setAsked({ kind: "template" });
        }}
        onSave={save}
      />
      <Drawer
        drawing={drawing}
        findings={findings}
        ways={ways}
        onStep={(path) => {
          ways.onNode(stepNamed(bench.outline, path)?.path ?? []);
        }}
      />
      <Panes
        bench={bench}
        act={act}
        title={title === "" ? "new playbook" : title}
        check={check}
        environment={environment}
        readOnly={readOnly}
        pane={pane}
        onPane={setPane}
        grab={grab}
        onGrab={onGrab}
        editor={editor}
        find={find}
        onMoveTo={(block) => {
          setAsked({ kind: "move", block });
        }}
        onSave={save}
      />
      <Dialogs
        name={name}
        title={title}
        beginning={beginning}
        opened={opened}
        findings={check.current ? findings : NONE}
        asked={asked}
        ways={ways}
        onBorn={onBorn}
        onMade={onMade}
        onClose={() => {
          setAsked(null);
          onGrab();
        }}
      />
    </div>
  );
}

/** What the text says that the playbook is called. */
function nameIn({ outline }: Bench): string | null {
  const { name } = outline.fields;
  return typeof name === "string" ? name : null;
}

/** Which pane a narrow screen shows, and when the keyboard is to go to the steps. */
function usePane() {
  const [pane, setPane] = useState<PaneName>("steps");
  const [grab, setGrab] = useState(0);
  const onGrab = () => {
    setPane("steps");
    setGrab((before) => before + 1);
  };
  return { pane, setPane, grab, onGrab };
}

/** What the keys do that hold on the whole page. */
interface PageKeys {
  readonly act: Do;
  readonly save: () => void;
  readonly find: () => void;
  readonly problem: (by: 1 | -1) => void;
}

/** Keys that hold on the whole page, where nobody nearer has used them. */
function pressed(event: KeyboardEvent, { act, save, find, problem }: PageKeys): void {
  if (event.defaultPrevented) return;
  const ctrl = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (key === "f8" && !ctrl) problem(event.shiftKey ? -1 : 1);
  else if (!ctrl) return;
  else if (key === "z") act({ kind: event.shiftKey ? "redo" : "undo" });
  else if (key === "y") act({ kind: "redo" });
  else if (key === "s") save();
  else if (key === "f") find();
  else return;
  event.preventDefault();
}
