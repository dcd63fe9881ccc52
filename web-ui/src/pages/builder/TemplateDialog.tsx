import { useState } from "react";

import { act, address } from "../../api/client";
import { Dialog } from "../../components/Dialog";
import { TextField } from "../../components/fields";
import { Select } from "../../components/Select";
import { objection } from "./naming";
import type { Beginning } from "./useBench";

/** What `create --template` makes, and what each of it does. */
const TEMPLATES: Readonly<Record<string, string>> = {
  blank: "One step to begin with, and a scenario that tests it.",
  deployment:
    "Health gate, backup, deploy, verify, watch; goes back to the version before if something fails.",
  maintenance:
    "Health gate, verified backup, the work, checks; brings the data back if something fails.",
  recovery:
    "Looks what is wrong, verifies the backup, keeps evidence, restores, waits until healthy, proves it.",
};

interface Properties {
  readonly beginning: Beginning;
  readonly onMade: (name: string) => void;
  readonly onClose: () => void;
}

/** Makes a playbook from a template, with its scenarios and what it needs of the settings. */
export function TemplateDialog({ beginning, onMade, onClose }: Properties) {
  const [name, setName] = useState(beginning.name);
  const [description, setDescription] = useState(beginning.description);
  const [template, setTemplate] = useState(
    beginning.template !== null && beginning.template in TEMPLATES
      ? beginning.template
      : "deployment",
  );
  const wrong = objection(name);
  return (
    <Dialog
      title="A new playbook from a template"
      action="Make it"
      blocked={wrong !== ""}
      onConfirm={async () => {
        const said = description === "" ? {} : { description };
        await act("POST", address(["playbooks"]), { name, template, ...said });
        onMade(name);
      }}
      onClose={onClose}
    >
      <Select
        id="template"
        label="Template"
        value={template}
        options={Object.keys(TEMPLATES).map((one) => [one, one])}
        hint={TEMPLATES[template] ?? ""}
        onChange={setTemplate}
      />
      <TextField
        id="template-name"
        label="Name"
        value={name}
        onChange={setName}
        hint={`Made are playbooks/${name === "" ? "NAME" : name}.yaml, its scenarios, and what it needs of orchestrate.toml and has not yet.`}
        wrong={name === "" ? "" : wrong}
      />
      <TextField
        id="template-description"
        label="What it does"
        value={description}
        onChange={setDescription}
      />
    </Dialog>
  );
}
