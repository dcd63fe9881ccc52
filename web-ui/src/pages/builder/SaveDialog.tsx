import { type ReactNode, useState } from "react";

import { Problem } from "../../api/problem";
import { Check, TextField } from "../../components/fields";
import { Dialog } from "../../components/Dialog";
import type { Placed } from "./answers";
import { DiffView } from "./DiffView";
import { Findings, type Ways } from "./Findings";
import { type Saved, saveFile } from "./files";
import { objection } from "./naming";

interface Properties {
  /** The name of a playbook that has a file; of a new one it is asked for. */
  readonly name: string | null;
  readonly suggested: string;
  readonly base: Saved;
  readonly text: string;
  readonly findings: readonly Placed[];
  readonly ways: Ways;
  readonly onSaved: (name: string, saved: Saved) => void;
  /** Somebody else's text, which is to be theirs or ours. */
  readonly onTake: (theirs: Saved) => void;
  readonly onClose: () => void;
}

/** What stands in the way of saving. */
type Obstacle =
  | { readonly kind: "none" }
  | { readonly kind: "invalid"; readonly problems: readonly Placed[] }
  | { readonly kind: "changed"; readonly theirs: Saved };

/**
 * Saves, after showing what that changes. What is invalid is refused unless asked; of a file that
 * was changed meanwhile it shows what they did and what would be lost, and asks what to do.
 */
export function SaveDialog(properties: Properties) {
  const { base, text, findings, suggested, ways } = properties;
  const { onSaved, onTake, onClose } = properties;
  const [name, setName] = useState(properties.name ?? suggested);
  const errors = findings.filter((one) => one.severity === "error");
  const [obstacle, setObstacle] = useState<Obstacle>(
    errors.length > 0 ? { kind: "invalid", problems: errors } : { kind: "none" },
  );
  const [accept, setAccept] = useState(false);
  const [over, setOver] = useState(false);
  const changed = obstacle.kind === "changed";
  const invalid = obstacle.kind === "invalid";
  const wrong = objection(name);

  const save = async () => {
    const tag = changed ? obstacle.theirs.tag : base.tag;
    const outcome = await saveFile(name, text, tag, accept);
    switch (outcome.kind) {
      case "saved":
        onSaved(name, outcome.saved);
        return;
      case "invalid":
        setObstacle({ kind: "invalid", problems: outcome.problems });
        throw new Problem(0, outcome.message, "", "Nothing was saved.");
      case "changed":
        setObstacle({ kind: "changed", theirs: outcome.theirs });
        setOver(false);
        throw new Problem(0, changedMessage(base, outcome.theirs), "", "Nothing was saved.");
    }
  };
  return (
    <Dialog
      wide
      title={base.tag === null ? "Save a new playbook" : `Save ${name}`}
      action={changed ? "Overwrite it with mine" : invalid ? "Save with errors" : "Save"}
      danger={changed || invalid}
      blocked={wrong !== "" || (invalid && !accept) || (changed && !over)}
      onConfirm={save}
      onClose={onClose}
    >
      {properties.name === null ? (
        <TextField
          id="save-name"
          label="Name"
          value={name}
          onChange={setName}
          hint={`It is saved as playbooks/${name === "" ? "NAME" : name}.yaml.`}
          wrong={wrong}
        />
      ) : null}
      {invalid ? (
        <Part title="It has errors, and cannot run as it is">
          <Findings findings={obstacle.problems} ways={ways} />
          <Check checked={accept} onChange={setAccept}>
            Save it all the same
          </Check>
        </Part>
      ) : null}
      {changed ? (
        <Changed
          base={base}
          theirs={obstacle.theirs}
          text={text}
          over={over}
          onOver={setOver}
          onTake={() => {
            onTake(obstacle.theirs);
            onClose();
          }}
        />
      ) : (
        <Part title="What this changes">
          <DiffView before={base.text} after={text} />
        </Part>
      )}
    </Dialog>
  );
}

function changedMessage(base: Saved, theirs: Saved): string {
  if (base.tag === null) return "There is a playbook of that name already.";
  return theirs.tag === null
    ? "The file was removed meanwhile."
    : "The file was changed meanwhile, by somebody else or in an editor.";
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="stack">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

interface ChangedProperties {
  readonly base: Saved;
  readonly theirs: Saved;
  readonly text: string;
  readonly over: boolean;
  readonly onOver: (over: boolean) => void;
  readonly onTake: () => void;
}

function Changed({ base, theirs, text, over, onOver, onTake }: ChangedProperties) {
  return (
    <>
      <Part title="What they changed since you began">
        <DiffView before={base.text} after={theirs.text} />
      </Part>
      <Part title="What saving yours makes of theirs">
        <DiffView before={theirs.text} after={text} />
      </Part>
      <div className="buttons">
        <button type="button" onClick={onTake}>
          Take theirs
        </button>
        <span className="soft">Yours stays one undo away.</span>
      </div>
      <Check checked={over} onChange={onOver}>
        I have looked at it: mine is to stand
      </Check>
    </>
  );
}
