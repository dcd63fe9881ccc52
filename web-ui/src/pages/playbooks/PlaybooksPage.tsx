import { address } from "../../api/client";
import { useMay } from "../../api/session";
import type { Page, PlaybookEntry } from "../../api/types";
import { TextField } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { Select } from "../../components/Select";
import { type Column, Table } from "../../components/Table";
import { useLiveResource } from "../../live/useLiveResource";
import { Link } from "../../shell/Link";
import { navigate, usePlace, withQuery } from "../../shell/router";
import { matching, ORIGINS } from "./finding";

const COLUMNS: readonly Column[] = [
  { title: "Playbook", look: "tight" },
  { title: "What it does" },
  { title: "Category", look: "tight" },
  { title: "From", look: "tight" },
  { title: "Valid", look: "tight" },
];

/** All playbooks of the project, and those that come with the program. */
export function PlaybooksPage() {
  const place = usePlace();
  const found = useLiveResource<Page<PlaybookEntry>>(
    address(["playbooks"], { limit: 500 }),
    "playbooks",
  );
  const search = place.query.get("find") ?? "";
  const from = place.query.get("from") ?? "";
  const admin = useMay("admin");
  const all = found.value?.items ?? [];
  const shown = matching(all, search, from);
  return (
    <>
      <PageHead
        title="Playbooks"
        beside={
          found.value === null ? null : (
            <span className="soft" role="status">
              {shown.length === all.length ? all.length : `${shown.length} of ${all.length}`}
            </span>
          )
        }
        actions={
          admin ? (
            <Link to="/build" className="button">
              New playbook
            </Link>
          ) : undefined
        }
      />
      <form
        className="filters"
        role="search"
        aria-label="Filter"
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <TextField
          id="search"
          label="Find"
          value={search}
          onChange={(text) => {
            navigate(withQuery(place, { find: text }), "replace");
          }}
        />
        <Select
          id="from"
          label="From"
          value={from}
          options={[["", "anywhere"], ...Object.entries(ORIGINS)]}
          onChange={(origin) => {
            navigate(withQuery(place, { from: origin }), "replace");
          }}
        />
        {place.query.size === 0 ? null : <Link to="/playbooks">Clear</Link>}
      </form>
      <Listing
        title="Playbooks"
        bare
        what="playbooks"
        found={found}
        isEmpty={() => shown.length === 0}
        empty={<Nothing narrow={search !== "" || from !== ""} admin={admin} />}
      >
        {() => (
          <Table columns={COLUMNS} folding>
            {shown.map((one) => (
              <Row key={one.name} playbook={one} />
            ))}
          </Table>
        )}
      </Listing>
    </>
  );
}

function Nothing({ narrow, admin }: { narrow: boolean; admin: boolean }) {
  if (narrow) {
    return (
      <Empty title="No playbook is like that">
        <p>
          <Link to="/playbooks">Show all playbooks</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="There is no playbook yet">
      <p>
        {admin ? (
          <>
            <b>New playbook</b> makes one, and so does{" "}
          </>
        ) : (
          "Whoever may change the project makes one with "
        )}
        <code>orchestrate create --interactive</code>.
      </p>
    </Empty>
  );
}

function Row({ playbook }: { playbook: PlaybookEntry }) {
  const where = `/playbooks/${encodeURIComponent(playbook.name)}`;
  return (
    <tr>
      <td className="tight">
        <Link to={where}>{playbook.name}</Link>
      </td>
      <td>
        {playbook.description === "" ? (
          <span className="soft">not described</span>
        ) : (
          playbook.description
        )}{" "}
        {playbook.tags.map((tag) => (
          <span className="tag" key={tag}>
            {tag}
          </span>
        ))}
      </td>
      <td className="tight" data-title="Category">
        {playbook.category}
      </td>
      <td className="tight" data-title="From">
        {ORIGINS[playbook.origin] ?? playbook.origin}
      </td>
      {playbook.valid ? (
        <td className="tight optional">yes</td>
      ) : (
        <td className="tight">
          <Link to={where}>
            <span data-tone="failed">
              {playbook.errors} {playbook.errors === 1 ? "error" : "errors"}
            </span>
          </Link>
        </td>
      )}
    </tr>
  );
}
