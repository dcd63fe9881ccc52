import { useState } from "react";

import { address, read } from "../../api/client";
import type { Step, Workflow, WorkflowDetail } from "../../api/types";
import { Failed, Loading } from "../../components/notices";
import { StaleBanner } from "../../live/StaleBanner";
import { StateBadge } from "../../components/StateBadge";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { StepNews } from "../../graph/standing";
import type { ServerEvent } from "../../live/parser";
import { useLive } from "../../live/useLive";
import { isFinal } from "../../model/states";
import { Link } from "../../shell/Link";
import { navigate, usePlace, withQuery } from "../../shell/router";
import { Actions } from "./Actions";
import { Approvals } from "./Approvals";
import { Decisions } from "./Decisions";
import { Facts } from "./Facts";
import { StepDetail } from "./StepDetail";
import { StepsPanel, viewOf } from "./StepsPanel";
import { useSteps } from "./useSteps";

/** One workflow: how it stands, its steps live, and what can be done about it. */
export function WorkflowPage({ id }: { id: string }) {
  const where = address(["workflows", id]);
  const [news] = useState(() => new StepNews());
  const first = useResource(where, async (signal) => {
    const found = await read<WorkflowDetail>(where, signal);
    news.begin(found.running);
    return found;
  });
  const [later, setLater] = useState<News | null>(null);
  const steps = useSteps(id);
  const workflow = newer(first.value, later);

  const onEvent = (event: ServerEvent) => {
    if (event.type === "steps") {
      const said = JSON.parse(event.data) as {
        seq: number;
        workflow: News;
        steps: Step[];
      };
      setLater(said.workflow);
      steps.change(said.steps);
      news.take(said.steps);
      // What is asked of people is not in the news.
      if (asksAnew(workflow, said.workflow, said.steps)) first.reload();
    } else if (event.type === "reset") {
      setLater(null);
      first.reload();
      steps.reload();
      news.clear();
    } else if (event.type === "over") {
      first.reload();
    }
  };
  const start = first.value === null ? null : String(first.value.seq);
  const [after, setAfter] = useState<string | null>(null);
  // The stream begins once, where the first reading ended; what is read again later changes nothing.
  if (after === null && start !== null) setAfter(start);
  const live = useLive(address(["workflows", id, "stream"]), after, onEvent);

  if (workflow === null) {
    return (
      <>
        <h1>{id}</h1>
        <section className="panel">
          {first.error === null ? (
            <Loading what={id} />
          ) : (
            <Failed error={first.error} retry={first.reload}>
              <Link to="/workflows" className="button">
                All workflows
              </Link>
            </Failed>
          )}
        </section>
      </>
    );
  }
  return <Body workflow={workflow} steps={steps} news={news} live={live} />;
}

/** What the stream tells of the workflow itself. */
type News = Workflow & Pick<WorkflowDetail, "counts" | "seq">;

function newer(first: WorkflowDetail | null, later: News | null): WorkflowDetail | null {
  if (first === null || later === null || first.seq > later.seq) return first;
  return { ...first, ...later };
}

const ASKING = new Set(["waiting", "parked"]);

/** Whether what is asked of people, or why it ended, may be different now. */
function asksAnew(before: WorkflowDetail | null, now: News, steps: readonly Step[]): boolean {
  if (before === null) return true;
  return (
    before.state !== now.state ||
    before.parked.length > 0 ||
    (before.approvals ?? []).some((one) => one.waits) ||
    steps.some((step) => step.state !== null && ASKING.has(step.state))
  );
}

interface BodyProperties {
  readonly workflow: WorkflowDetail;
  readonly steps: ReturnType<typeof useSteps>;
  readonly news: StepNews;
  readonly live: ReturnType<typeof useLive>;
}

function Body({ workflow, steps, news, live }: BodyProperties) {
  const place = usePlace();
  const now = useNow(!isFinal(workflow.state));
  const chosen = place.query.get("step");
  const view = viewOf(place.query.get("view"));
  const known = chosen === null ? undefined : steps.tree.steps.get(chosen);
  const turn =
    known === undefined
      ? String(workflow.seq)
      : [known.state, known.attempts, known.finished_at, known.message].join(" ");
  const choose = (path: string) => {
    navigate(withQuery(place, { step: path }), "replace");
  };
  return (
    <>
      <div className="heading">
        <div className="trail">
          <Link to="/workflows">Workflows</Link> ›{" "}
          <Link to={`/playbooks/${encodeURIComponent(workflow.playbook)}`}>
            {workflow.playbook}
          </Link>
        </div>
        <h1>{workflow.id}</h1>
        <StateBadge
          state={workflow.state}
          heavy
          also={workflow.owner === "lost" ? "nobody runs it" : undefined}
        />
        <Actions workflow={workflow} steps={steps.tree} />
      </div>
      <StaleBanner live={live} />
      {workflow.error === null ? null : (
        <div className="notice failed slim">
          <p>
            {workflow.error.step == null ? null : (
              <>
                <Link to={withQuery(place, { step: workflow.error.step })}>
                  {workflow.error.step}
                </Link>
                {": "}
              </>
            )}
            {workflow.error.message}
          </p>
        </div>
      )}
      <Approvals workflow={workflow} now={now} />
      <Decisions workflow={workflow} />
      <div className={view === "tree" ? "columns" : "columns pictured"}>
        <StepsPanel
          workflow={workflow}
          steps={steps}
          news={news}
          view={view}
          now={now}
          chosen={chosen}
          onChoose={choose}
          onView={(next) => {
            navigate(withQuery(place, { view: next === "tree" ? "" : next }), "replace");
          }}
        />
        <div className="stack">
          {chosen === null ? null : (
            <StepDetail key={chosen} workflow={workflow} path={chosen} turn={turn} now={now} />
          )}
          <Facts workflow={workflow} now={now} />
        </div>
      </div>
    </>
  );
}
