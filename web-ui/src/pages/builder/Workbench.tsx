import { type KeyboardEvent, useRef, useState } from "react";

import type { Finding } from "../../api/types";
import { stepAt } from "../../builder/outline";
import type { ResolvedCommand } from "../../builder/palette";
import type { Path } from "../../builder/source";
import type { Placed } from "./answers";
import type { Bench } from "./bench";
import { type Do, moved } from "./deeds";
import { Drawer, useDrawing } from "./Drawer";
import { Heading } from "./Heading";
import { LeaveDialog } from "./LeaveDialog";
import { MoveDialog } from "./MoveDialog";
import { type PaneName, Panes } from "./Panes";
import { stepNamed } from "./places";
import { SaveDialog } from "./SaveDialog";
import type { TextHandle } from "./TextEditor";
import { type Opened, type Opening, useBench } from "./useBench";
import { useCheck } from "./useCheck";

interface Properties extends Opening {
  readonly commands: readonly ResolvedCommand[];
  readonly onBorn: (name: string) => void;
}

/** What is asked about in a dialog. */
type Asked = { readonly kind: "save" } | { readonly kind: "move"; readonly path: Path };

const NONE: readonly Placed[] = [];

/** Everything on the page: the steps, the form, and the text of one playbook, and what is asked. */
export function Workbench(properties: Properties) {
  const { name, beginning, commands, readOnly, onBorn } = properties;
  const opened = useBench(properties);
  const { bench, act } = opened;
  const { text } = bench.history.present;
  const title = nameIn(bench) ?? beginning.name;
  const check = useCheck(readOnly ? null : text, name ?? title, "");
  const findings = check.answer?.findings ?? NONE;
  const drawing = useDrawing(text, name ?? title);
  const [asked, setAsked] = useState<Asked | null>(null);
  const { pane, setPane, grab, onGrab } = usePane();
  const editor = useRef<TextHandle>(null);

  const save = () => {
    if (!readOnly) setAsked({ kind: "save" });
  };
  const onGo = (finding: Finding) => {
    setAsked(null);
    setPane("text");
    act({ kind: "line", line: finding.line });
    window.requestAnimationFrame(() => editor.current?.goTo(finding.line, finding.column));
  };
  return (
    <div
      className="builder"
      role="presentation"
      onKeyDown={(event) => {
        pressed(event, act, save);
      }}
    >
      <Heading
        name={name}
        title={title}
        opened={opened}
        check={check}
        readOnly={readOnly}
        drawing={drawing}
        onSave={save}
      />
      <Drawer
        drawing={drawing}
        findings={findings}
        onGo={onGo}
        onStep={(path) => {
          act({ kind: "choose", path: stepNamed(bench.outline, path)?.path ?? [] });
          onGrab();
        }}
      />
      <Panes
        bench={bench}
        act={act}
        title={title === "" ? "new playbook" : title}
        check={check}
        commands={commands}
        readOnly={readOnly}
        pane={pane}
        onPane={setPane}
        grab={grab}
        onGrab={onGrab}
        editor={editor}
        onMoveTo={(path) => {
          setAsked({ kind: "move", path });
        }}
        onSave={save}
      />
      <Dialogs
        name={name}
        title={title}
        opened={opened}
        findings={check.current ? findings : NONE}
        asked={asked}
        onGo={onGo}
        onBorn={onBorn}
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

/** Keys that hold on the whole page, where nobody nearer has used them. */
function pressed(event: KeyboardEvent, act: Do, save: () => void): void {
  if (event.defaultPrevented || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key === "z") act({ kind: event.shiftKey ? "redo" : "undo" });
  else if (key === "y") act({ kind: "redo" });
  else if (key === "s") save();
  else return;
  event.preventDefault();
}

interface DialogsProperties {
  readonly name: string | null;
  readonly title: string;
  readonly opened: Opened;
  readonly findings: readonly Placed[];
  readonly asked: Asked | null;
  readonly onGo: (finding: Finding) => void;
  readonly onBorn: (name: string) => void;
  readonly onClose: () => void;
}

function Dialogs(properties: DialogsProperties) {
  const { name, title, opened, findings, asked, onGo, onBorn, onClose } = properties;
  const { bench, act, leaving } = opened;
  if (leaving !== null) {
    const go = () => {
      opened.forget();
      leaving();
    };
    return <LeaveDialog go={go} onClose={opened.stay} />;
  }
  if (asked?.kind === "save") {
    return (
      <SaveDialog
        name={name}
        suggested={title}
        base={opened.base}
        text={bench.history.present.text}
        findings={findings}
        onSaved={(now, saved) => {
          opened.onSaved(saved);
          if (name === null) onBorn(now);
        }}
        onTake={opened.onTake}
        onGo={onGo}
        onClose={onClose}
      />
    );
  }
  const step = asked === null ? null : stepAt(bench.outline, asked.path);
  if (step === null) return null;
  return (
    <MoveDialog
      outline={bench.outline}
      step={step}
      onMove={(list, index) => {
        act(moved(step.path, list, index));
      }}
      onClose={onClose}
    />
  );
}
