import { useMemo, useState } from "react";

import { address, read } from "../../api/client";
import type { Page, Workflow } from "../../api/types";
import { Moment } from "../../components/Moment";
import { Empty, Failed, Loading, LostBanner } from "../../components/notices";
import { StateBadge } from "../../components/StateBadge";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { useProjectLive } from "../../live/useProjectLive";
import { isFinal } from "../../model/states";
import { between, duration } from "../../model/times";
import { Link } from "../../shell/Link";
import { navigate, type Place, usePlace, withQuery } from "../../shell/router";
import { Filters } from "./Filters";
import { filterOf, isNarrow, merged } from "./listing";

const PAGE = 50;

/** All workflows, newest first, live. */
export function WorkflowsPage() {
  const place = usePlace();
  const filter = useMemo(() => filterOf(place.query), [place.query]);
  const cursor = place.query.get("cursor") ?? "";
  const where = address(["workflows"], { ...filter, cursor, limit: PAGE });
  const list = useResource(where, (signal) => read<Page<Workflow>>(where, signal));
  const [changes, setChanges] = useState<readonly Workflow[]>([]);
  const live = useProjectLive({
    onHello: () => {
      setChanges([]);
      list.reload();
    },
    onWorkflows: (items) => {
      setChanges((before) => [...before.filter((one) => !has(items, one.id)), ...items]);
    },
  });
  const shown = useMemo(
    () => merged(list.value?.items ?? [], changes, filter, cursor === ""),
    [list.value, changes, filter, cursor],
  );

  return (
    <>
      <div className="heading">
        <h1>Workflows</h1>
      </div>
      <LostBanner state={live.state} retry={live.retry} />
      <Filters place={place} />
      <section className="panel" aria-label="Workflows" aria-busy={list.busy}>
        {list.error === null ? null : <Failed error={list.error} retry={list.reload} />}
        {list.value === null && list.error === null ? <Loading what="workflows" /> : null}
        {list.value === null ? null : shown.length === 0 ? (
          <Nothing narrow={isNarrow(filter)} later={cursor !== ""} />
        ) : (
          <Table workflows={shown} />
        )}
      </section>
      <Paging place={place} cursor={cursor} next={list.value?.next ?? null} />
    </>
  );
}

function has(items: readonly Workflow[], id: string): boolean {
  return items.some((one) => one.id === id);
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

function Table({ workflows }: { workflows: readonly Workflow[] }) {
  const now = useNow(true);
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th className="tight">Workflow</th>
            <th className="tight">State</th>
            <th>Playbook</th>
            <th className="tight optional">Environment</th>
            <th className="tight">Started</th>
            <th className="tight number optional">Took</th>
            <th className="optional">By</th>
          </tr>
        </thead>
        <tbody>
          {workflows.map((one) => (
            <Row key={one.id} workflow={one} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ workflow, now }: { workflow: Workflow; now: number }) {
  const { id, state, started_at: started, finished_at: finished } = workflow;
  const took = between(started, finished, now);
  const blocker = workflow.waits_for?.[0];
  return (
    <tr>
      <td className="tight">
        <Link to={`/workflows/${id}`}>{id}</Link>
      </td>
      <td className="tight">
        <StateBadge state={state} also={workflow.owner === "lost" ? "nobody runs it" : undefined} />
      </td>
      <td>
        {workflow.playbook}
        {workflow.reason === "" ? null : <span className="soft"> — {workflow.reason}</span>}
        {blocker === undefined || isFinal(state) ? null : (
          <span className="soft">
            {" "}
            — waits for {blocker.lock ?? blocker.resource}, which {blocker.workflow} has
          </span>
        )}
      </td>
      <td className="tight optional">{workflow.environment}</td>
      <td className="tight">
        <Moment at={started ?? workflow.created_at} now={now} />
      </td>
      <td className="tight number optional">{took === null ? "–" : duration(took)}</td>
      <td className="optional">{workflow.actor}</td>
    </tr>
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
