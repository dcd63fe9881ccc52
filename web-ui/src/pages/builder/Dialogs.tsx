import type { Block } from "../../builder/blocks";
import type { Placed } from "./answers";
import { moved } from "./deeds";
import type { Ways } from "./Findings";
import { LeaveDialog } from "./LeaveDialog";
import { MoveDialog } from "./MoveDialog";
import { SaveDialog } from "./SaveDialog";
import { TemplateDialog } from "./TemplateDialog";
import type { Beginning, Opened } from "./useBench";

/** What is asked about in a dialog. */
export type Asked =
  | { readonly kind: "save" }
  | { readonly kind: "template" }
  | { readonly kind: "move"; readonly block: Block };

interface Properties {
  readonly name: string | null;
  readonly title: string;
  readonly beginning: Beginning;
  readonly opened: Opened;
  readonly findings: readonly Placed[];
  readonly asked: Asked | null;
  readonly ways: Ways;
  readonly onBorn: (name: string) => void;
  readonly onMade: (name: string) => void;
  readonly onClose: () => void;
}

/** The one dialog that is open, if any. */
export function Dialogs(properties: Properties) {
  const { name, title, opened, findings, asked, ways, onBorn, onClose } = properties;
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
        ways={ways}
        onClose={onClose}
      />
    );
  }
  if (asked?.kind === "template") {
    const { beginning, onMade } = properties;
    return <TemplateDialog beginning={beginning} onMade={onMade} onClose={onClose} />;
  }
  if (asked === null) return null;
  return (
    <MoveDialog
      outline={bench.outline}
      block={asked.block}
      onMove={(list, index) => {
        act(moved(asked.block, list, index));
      }}
      onClose={onClose}
    />
  );
}
