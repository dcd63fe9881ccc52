import { useState } from "react";

import { address, read } from "../../api/client";
import { useMay } from "../../api/session";
import type { Page, PlaybookEntry } from "../../api/types";
import { TextField } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { useResource } from "../../components/useResource";
import { Link } from "../../shell/Link";

/** All playbooks of the project, and those that come with the program. */
export function PlaybooksPage() {
  const where = address(["playbooks"], { limit: 500 });
  const found = useResource(where, (signal) => read<Page<PlaybookEntry>>(where, signal));
  const [search, setSearch] = useState("");
  const admin = useMay("admin");
  return (
    <>
      <div className="heading">
        <h1>Playbooks</h1>
        {admin ? (
          <div className="actions">
            <Link to="/build" className="button">
              New playbook
            </Link>
          </div>
        ) : null}
      </div>
      <div className="filters" role="search">
        <TextField id="search" label="Find" value={search} onChange={setSearch} />
      </div>
      <Listing
        title="Playbooks"
        what="playbooks"
        found={found}
        isEmpty={(page) => matching(page.items, search).length === 0}
        empty={
          <Empty title={search === "" ? "There is no playbook yet" : "No playbook is like that"}>
            <p>
              <b>New playbook</b> makes one, and so does{" "}
              <code>orchestrate create --interactive</code>.
            </p>
          </Empty>
        }
      >
        {(page) => <Table playbooks={matching(page.items, search)} />}
      </Listing>
    </>
  );
}

/** Those in whose name, description, category or tags every word occurs. */
function matching(all: readonly PlaybookEntry[], search: string): readonly PlaybookEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const text = [one.name, one.description, one.category ?? "", ...one.tags]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function Table({ playbooks }: { playbooks: readonly PlaybookEntry[] }) {
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th className="tight">Playbook</th>
            <th>What it does</th>
            <th className="tight optional">Category</th>
            <th className="tight optional">From</th>
            <th className="tight">Valid</th>
          </tr>
        </thead>
        <tbody>
          {playbooks.map((one) => (
            <tr key={one.name}>
              <td className="tight">
                <Link to={`/playbooks/${encodeURIComponent(one.name)}`}>{one.name}</Link>
              </td>
              <td>
                {one.description}{" "}
                {one.tags.map((tag) => (
                  <span className="tag" key={tag}>
                    {tag}
                  </span>
                ))}
              </td>
              <td className="tight optional">{one.category}</td>
              <td className="tight optional">{one.origin}</td>
              <td className="tight">
                {one.valid ? (
                  "yes"
                ) : (
                  <span data-tone="failed">
                    {one.errors} {one.errors === 1 ? "error" : "errors"}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
