import { type SubmitEvent, useState } from "react";

import { address, read } from "../../api/client";
import type { AuditEntry, Page } from "../../api/types";
import { TextField } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { type Column, Table } from "../../components/Table";
import { Values } from "../../components/Value";
import { useResource } from "../../components/useResource";
import { clock } from "../../model/times";
import { Link } from "../../shell/Link";
import { navigate, type Place, usePlace, withQuery } from "../../shell/router";
import { changes, facts } from "./changes";
import { VerificationPanel } from "./VerificationPanel";

const COLUMNS: readonly Column[] = [
  { title: "When", look: "tight" },
  { title: "Who", look: "tight" },
  { title: "Action", look: "tight" },
  { title: "What" },
  { title: "Entry", look: "tight optional" },
];

const FIELDS = [
  ["workflow", "Workflow"],
  ["actor", "Who"],
  ["action", "Action"],
  ["since", "Since, such as 7d"],
] as const;

/** Who did what, newest first. The entries are chained: none can be changed unnoticed. */
export function AuditPage() {
  const place = usePlace();
  const one = (name: string) => place.query.get(name) ?? "";
  const cursor = one("cursor");
  const where = address(["audit"], {
    ...Object.fromEntries(FIELDS.map(([name]) => [name, one(name)])),
    cursor,
    limit: 100,
  });
  const found = useResource(where, (signal) => read<Page<AuditEntry>>(where, signal));
  return (
    <>
      <PageHead
        title="Audit"
        actions={
          <a
            className="button"
            download="audit.jsonl"
            href={address(["audit", "export"], { workflow: one("workflow"), since: one("since") })}
          >
            Export
          </a>
        }
      />
      <VerificationPanel />
      <Filters key={FIELDS.map(([name]) => one(name)).join("\n")} place={place} />
      <Listing
        title="What was done"
        what="the audit"
        found={found}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Empty title="Nothing like that was done">
            <p>
              <Link to="/audit">Show everything</Link>
            </p>
          </Empty>
        }
      >
        {(page) => <Entries entries={page.items} />}
      </Listing>
      {cursor === "" && found.value?.next == null ? null : (
        <nav className="heading" aria-label="Pages">
          <Link to={withQuery(place, { cursor: "" })} className="button">
            First page
          </Link>
          {found.value?.next == null ? null : (
            <Link to={withQuery(place, { cursor: found.value.next })} className="button">
              Next page
            </Link>
          )}
        </nav>
      )}
    </>
  );
}

function Filters({ place }: { place: Place }) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(FIELDS.map(([name]) => [name, place.query.get(name) ?? ""])),
  );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    navigate(withQuery(place, { ...texts, cursor: "" }));
  };
  return (
    <form className="filters" onSubmit={submit} role="search" aria-label="Filter">
      {FIELDS.map(([name, title]) => (
        <TextField
          key={name}
          id={`audit-${name}`}
          label={title}
          value={texts[name] ?? ""}
          onChange={(value) => {
            setTexts({ ...texts, [name]: value });
          }}
        />
      ))}
      <button type="submit">Filter</button>
      {place.query.size === 0 ? null : <Link to="/audit">Clear</Link>}
    </form>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <Table columns={COLUMNS} folding>
      {entries.map((entry) => (
        <tr key={`${entry.chain} ${entry.workflow ?? ""} ${entry.number}`}>
          <td className="tight">
            <time dateTime={entry.at}>{clock(entry.at)}</time>
          </td>
          <td className="tight">{entry.actor ?? <span className="soft">orchestrate</span>}</td>
          <td className="tight">{entry.action.replaceAll("_", " ")}</td>
          <td className="wrapped">
            <What entry={entry} />
          </td>
          <td className="tight optional soft" title={entry.hash}>
            {entry.chain} {entry.number}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** On what, why, and what it changed: in the line what differs, behind it what was made. */
function What({ entry }: { entry: AuditEntry }) {
  const changed =
    entry.before === undefined && entry.after === undefined
      ? []
      : changes(entry.before, entry.after);
  const more = {
    ...(changed === null ? facts(entry.before, entry.after) : {}),
    ...entry.details,
    ...(entry.from === undefined ? {} : { from: entry.from }),
  };
  return (
    <>
      {entry.workflow === undefined ? null : (
        <Link to={`/workflows/${entry.workflow}`}>{entry.workflow}</Link>
      )}{" "}
      {entry.subject}{" "}
      {entry.reason === undefined || entry.reason === "" ? null : <q>{entry.reason}</q>}
      {(changed ?? []).map((one) => (
        <div key={one.name} className="soft">
          {one.name} {one.before} → {one.after}
        </div>
      ))}
      {Object.keys(more).length === 0 ? null : (
        <details className="aside">
          <summary>more</summary>
          <Values values={more} />
        </details>
      )}
    </>
  );
}
