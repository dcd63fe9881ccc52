import { useEffect, useState } from "react";

import { address, read } from "../../api/client";
import { useMay } from "../../api/session";
import { type Grammar, readGrammar, type Schema } from "../../builder/grammar";
import { Failed, Loading } from "../../components/notices";
import { useResource } from "../../components/useResource";
import { navigate } from "../../shell/router";
import { type Draft, draftKey, readDraft } from "./draft";
import { readFile, type Saved } from "./files";
import type { Beginning } from "./useBench";
import { Workbench } from "./Workbench";

import "./builder.css";
import "./cards.css";

interface Loaded {
  readonly grammar: Grammar;
  readonly saved: Saved;
}

/**
 * The builder, of the playbook `name`, or of a new one. A new one that is saved gets an address of
 * its own; what was undone can be redone after that, too.
 */
export function BuilderPage({ name }: { name: string | null }) {
  const [born, setBorn] = useState<string | null>(null);
  const known = name !== null && name === born ? null : name;
  // Another playbook is opened: what was born here is one among others now.
  if (born !== null && name !== null && name !== born) setBorn(null);
  useEffect(() => {
    if (born !== null && name === null) navigate(addressOf(born), "replace");
  }, [born, name]);
  return <Opened key={known ?? ""} from={known} name={name} onBorn={setBorn} />;
}

/** Where a playbook is edited. */
function addressOf(name: string): string {
  return `/playbooks/${encodeURIComponent(name)}/edit`;
}

function beginning(): Beginning {
  const query = new URLSearchParams(window.location.search);
  return {
    name: query.get("name") ?? "",
    description: query.get("description") ?? "",
    template: query.get("template"),
  };
}

interface OpenedProperties {
  /** The playbook whose file is read; that of a new one is not, even when it has been saved. */
  readonly from: string | null;
  readonly name: string | null;
  readonly onBorn: (name: string) => void;
}

function Opened({ from, name, onBorn }: OpenedProperties) {
  const admin = useMay("admin");
  const found = useResource(`builder ${from ?? ""}`, async (signal): Promise<Loaded> => {
    const [schema, saved] = await Promise.all([
      read<Schema>(address(["schemas", "playbook"]), signal),
      from === null ? { text: "", tag: null } : readFile(from, signal),
    ]);
    return { grammar: readGrammar(schema), saved };
  });
  const { value, error } = found;
  if (value === null) {
    return error === null ? (
      <Loading what="the builder" />
    ) : (
      <section className="panel">
        <Failed error={error} retry={found.reload} />
      </section>
    );
  }
  return (
    <Workbench
      name={name}
      beginning={name === null ? beginning() : { name, description: "", template: null }}
      grammar={value.grammar}
      saved={value.saved}
      draft={admin ? draftFor(name) : null}
      readOnly={!admin}
      onBorn={onBorn}
      onMade={(made) => {
        navigate(addressOf(made));
      }}
    />
  );
}

function draftFor(name: string | null): Draft | null {
  return readDraft(window.sessionStorage, draftKey(name));
}
