import { type KeyboardEvent, type RefObject, useMemo, useRef, useState } from "react";

import { address, read } from "../../api/client";
import type { Page } from "../../api/types";
import type { Grammar } from "../../builder/grammar";
import {
  commandEntries,
  kindEntries,
  type PaletteEntry,
  type ResolvedCommand,
  searched,
} from "../../builder/palette";
import { Failed } from "../../components/notices";
import { useResource } from "../../components/useResource";
import { letGo, lift } from "./dragging";
import { KindMark } from "./KindMark";

const MOST = 200;

interface Properties {
  readonly grammar: Grammar;
  /** Where the commands are to be called; "" is wherever the playbook says. */
  readonly environment: string;
  readonly readOnly: boolean;
  readonly search: RefObject<HTMLInputElement | null>;
  /** Add it where something is chosen. */
  readonly onAdd: (entry: PaletteEntry) => void;
  readonly onLeave: () => void;
}

/** Everything that can be put into a playbook: to be dragged, or added where something is chosen. */
export function PalettePanel(properties: Properties) {
  const { grammar, environment, readOnly, search, onAdd, onLeave } = properties;
  const { commands, error } = useCommands(environment);
  const [query, setQuery] = useState("");
  const panel = useRef<HTMLDivElement>(null);
  const all = useMemo(
    () => [...kindEntries(grammar), ...commandEntries(commands)],
    [grammar, commands],
  );
  const found = searched(all, query);
  const buttons = () => [...(panel.current?.querySelectorAll<HTMLElement>(".palette-item") ?? [])];
  const press = (event: KeyboardEvent) => {
    const items = buttons();
    const at = items.findIndex((one) => one === document.activeElement);
    if (event.key === "ArrowDown") items[at + 1]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? items[at - 1] : search.current)?.focus();
    else if (event.key === "Escape") onLeave();
    else if (event.key === "Enter" && at < 0) items[0]?.click();
    else return;
    event.preventDefault();
  };
  const groups = [
    { title: "Kinds of steps", entries: found.filter((one) => one.group === "kinds") },
    { title: "Commands", entries: found.filter((one) => one.group === "commands") },
  ];
  return (
    <div className="palette" role="presentation" ref={panel} onKeyDown={press}>
      <div className="palette-search">
        <input
          ref={search}
          type="search"
          aria-label="Find a step or command"
          placeholder="Find a step or command"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
          }}
        />
      </div>
      <div className="palette-items">
        {groups.map(({ title, entries }) =>
          entries.length === 0 ? null : (
            <section key={title} aria-label={title}>
              <h3>{title}</h3>
              <ul>
                {entries.slice(0, MOST).map((entry) => (
                  <li key={entry.id}>
                    <Entry entry={entry} readOnly={readOnly} onAdd={onAdd} />
                  </li>
                ))}
              </ul>
              {entries.length > MOST ? <p className="soft">and more: search for them</p> : null}
            </section>
          ),
        )}
        {error === null ? null : <Failed error={error.error} retry={error.retry} slim />}
        {found.length === 0 ? <p className="soft">Nothing is like that.</p> : null}
      </div>
    </div>
  );
}

const NONE: readonly ResolvedCommand[] = [];

/** The commands that can be called in an environment; until they are known those of the last one. */
function useCommands(environment: string) {
  const where = address(["commands"], { environment });
  const found = useResource(where, (signal) => read<Page<ResolvedCommand>>(where, signal));
  const [last, setLast] = useState(NONE);
  const items = found.value?.items ?? last;
  if (items !== last) setLast(items);
  const error = found.error === null ? null : { error: found.error, retry: found.reload };
  return { commands: items, error };
}

interface EntryProperties {
  readonly entry: PaletteEntry;
  readonly readOnly: boolean;
  readonly onAdd: (entry: PaletteEntry) => void;
}

function Entry({ entry, readOnly, onAdd }: EntryProperties) {
  return (
    <button
      type="button"
      className="palette-item"
      disabled={readOnly}
      draggable={!readOnly}
      title={entry.description}
      onDragStart={(event) => {
        lift({ kind: "new", entry });
        event.dataTransfer.effectAllowed = "copy";
        event.dataTransfer.setData("text/plain", entry.title);
      }}
      onDragEnd={letGo}
      onClick={() => {
        onAdd(entry);
      }}
    >
      <KindMark kind={entry.kind} />
      <span>{entry.title}</span>
      <small>{entry.description}</small>
    </button>
  );
}
