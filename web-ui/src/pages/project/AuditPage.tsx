import { type SubmitEvent, useState } from "react";

import { address, read } from "../../api/client";
import type { AuditEntry, Page } from "../../api/types";
import { TextField } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { Values } from "../../components/Value";
import { useResource } from "../../components/useResource";
import { clock } from "../../model/times";
import { Link } from "../../shell/Link";
import { navigate, type Place, usePlace, withQuery } from "../../shell/router";

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
      <div className="heading">
        <h1>Audit</h1>
      </div>
      <Filters key={FIELDS.map(([name]) => one(name)).join("\n")} place={place} />
      <Listing
        title="What was done"
        what="the audit"
        found={found}
        isEmpty={(page) => page.items.length === 0}
        empty={<Empty title="Nothing like that was done" />}
      >
        {(page) => <Table entries={page.items} />}
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
    </form>
  );
}

function Table({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th className="tight">When</th>
            <th className="tight">Who</th>
            <th className="tight">Action</th>
            <th>What</th>
            <th className="tight optional">Entry</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={`${entry.chain} ${entry.number}`}>
              <td className="tight">
                <time dateTime={entry.at}>{clock(entry.at)}</time>
              </td>
              <td className="tight">{entry.actor ?? <span className="soft">orchestrate</span>}</td>
              <td className="tight">{entry.action.replaceAll("_", " ")}</td>
              <td className="wrapped">
                {entry.workflow === undefined ? null : (
                  <Link to={`/workflows/${entry.workflow}`}>{entry.workflow}</Link>
                )}{" "}
                {entry.subject}{" "}
                {entry.reason === undefined || entry.reason === "" ? null : <q>{entry.reason}</q>}
                {entry.before === undefined && entry.after === undefined ? null : (
                  <span className="soft">
                    {" "}
                    {said(entry.before)} → {said(entry.after)}
                  </span>
                )}
                {entry.details === undefined || Object.keys(entry.details).length === 0 ? null : (
                  <details>
                    <summary>more</summary>
                    <Values values={entry.details} />
                  </details>
                )}
              </td>
              <td className="tight optional soft" title={entry.hash}>
                {entry.chain} {entry.number}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function said(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}
