import { useMemo, useState } from "react";

import { address, read } from "../../api/client";
import type { Page, Wait, Workflow } from "../../api/types";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { StateBadge } from "../../components/StateBadge";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { WaitsFor } from "../../components/WaitsFor";
import { useResource } from "../../components/useResource";
import { useProjectLive } from "../../live/useProjectLive";
import { isFinal } from "../../model/states";
import { between, duration } from "../../model/times";
import { Link } from "../../shell/Link";
import { navigate, type Place, usePlace, withQuery } from "../../shell/router";
import { Filters } from "./Filters";
import { filterOf, isNarrow, latest, merged } from "./listing";

const PAGE = 50;
/** Workflows of which it is kept that they changed since the page was read. */
const MOST = 200;

const COLUMNS: readonly Column[] = [
  { title: "Workflow", look: "tight" },
  { title: "State", look: "tight" },
  { title: "Playbook" },
  { title: "Environment", look: "tight" },
  { title: "Started", look: "tight" },
  { title: "Took", look: "tight number optional" },
  { title: "By", look: "optional" },
];

/** All workflows, newest first, live. */
export function WorkflowsPage() {
  const place = usePlace();
  const filter = useMemo(() => filterOf(place.query), [place.query]);
  const cursor = place.query.get("cursor") ?? "";
  const where = address(["workflows"], { ...filter, cursor, limit: PAGE });
  const list = useResource(where, (signal) => read<Page<Workflow>>(where, signal));
  const [changes, setChanges] = useState<readonly Workflow[]>([]);
  useProjectLive({
    onHello: () => {
      setChanges([]);
      list.reload();
    },
    onWorkflows: (items) => {
      // A page that is open for weeks reads anew instead of keeping all that ever changed.
      if (changes.length >= MOST) list.reload();
      setChanges((before) => latest(before, items, MOST));
    },
  });
  const shown = useMemo(
    () => merged(list.value?.items ?? [], changes, filter, cursor === ""),
    [list.value, changes, filter, cursor],
  );

  return (
    <>
      <PageHead title="Workflows" />
      <Filters place={place} />
      <Listing
        title="Workflows"
        what="workflows"
        found={list}
        bare
        isEmpty={() => shown.length === 0}
        empty={<Nothing narrow={isNarrow(filter)} later={cursor !== ""} />}
      >
        {() => <Rows workflows={shown} />}
      </Listing>
      <Paging place={place} cursor={cursor} next={list.value?.next ?? null} />
    </>
  );
}

function Nothing({ narrow, later }: { narrow: boolean; later: boolean }) {
  if (narrow || later) {
    return (
      <Empty title="No workflow is like that">
        <p>
          <Link to="/workflows">Show all workflows</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has run here yet">
      <p>
        Start a playbook with <code>orchestrate run --playbook NAME</code>; it appears here at once.
      </p>
    </Empty>
  );
}

function Rows({ workflows }: { workflows: readonly Workflow[] }) {
  const now = useNow(true);
  return (
    <Table columns={COLUMNS} folding>
      {workflows.map((one) => (
        <Row key={one.id} workflow={one} now={now} />
      ))}
    </Table>
  );
}

function Row({ workflow, now }: { workflow: Workflow; now: number }) {
  const { id, state, started_at: started, finished_at: finished } = workflow;
  const took = between(started, finished, now);
  return (
    <tr>
      <td className="tight">
        <Link to={`/workflows/${id}`}>{id}</Link>
      </td>
      <td className="tight">
        <StateBadge state={state} also={workflow.owner === "lost" ? "nobody runs it" : undefined} />
      </td>
      <td>
        <Link to={`/playbooks/${encodeURIComponent(workflow.playbook)}`}>{workflow.playbook}</Link>
        {workflow.reason === "" ? null : <span className="soft"> — {workflow.reason}</span>}
        {isFinal(state) ? null : <Waits waits={workflow.waits_for} now={now} />}
      </td>
      <td className="tight">{workflow.environment}</td>
      <td className="tight">
        <Moment at={started ?? workflow.created_at} now={now} />
      </td>
      <td className="tight number optional">{took === null ? "–" : duration(took)}</td>
      <td className="optional">{workflow.actor}</td>
    </tr>
  );
}

/** What it waits for: the first of it, and how much there is besides. */
function Waits({ waits, now }: { waits: readonly Wait[]; now: number }) {
  const first = waits[0];
  if (first === undefined) return null;
  return (
    <div className="soft">
      {first.path === "" ? "" : `${first.path} `}waits for <WaitsFor wait={first} now={now} />
      {waits.length === 1 ? "" : `, and ${waits.length - 1} more`}
    </div>
  );
}

interface PagingProperties {
  readonly place: Place;
  readonly cursor: string;
  readonly next: string | null;
}

function Paging({ place, cursor, next }: PagingProperties) {
  if (cursor === "" && next === null) return null;
  return (
    <nav className="heading" aria-label="Pages">
      <button
        type="button"
        disabled={cursor === ""}
        onClick={() => {
          navigate(withQuery(place, { cursor: "" }));
        }}
      >
        Newest
      </button>
      <button
        type="button"
        disabled={next === null}
        onClick={() => {
          navigate(withQuery(place, { cursor: next ?? "" }));
        }}
      >
        Older
      </button>
    </nav>
  );
}
