import { useState } from "react";

import { address, read } from "../../api/client";
import type { Step, WorkflowDetail } from "../../api/types";
import { Failed, Loading, LostBanner } from "../../components/notices";
import { StateBadge } from "../../components/StateBadge";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
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
import { StepsPanel } from "./StepsPanel";
import { useSteps } from "./useSteps";

/** One workflow: how it stands, its steps live, and what can be done about it. */
export function WorkflowPage({ id }: { id: string }) {
  const where = address(["workflows", id]);
  const first = useResource(where, (signal) => read<WorkflowDetail>(where, signal));
  const [later, setLater] = useState<WorkflowDetail | null>(null);
  const steps = useSteps(id);
  const [turn, setTurn] = useState(0);
  const workflow = newer(first.value, later);

  const onEvent = (event: ServerEvent) => {
    if (event.type === "steps") {
      const said = JSON.parse(event.data) as {
        seq: number;
        workflow: WorkflowDetail;
        steps: Step[];
      };
      setLater((before) => ({ ...(before ?? first.value), ...said.workflow, seq: said.seq }));
      steps.change(said.steps);
      setTurn((before) => before + 1);
    } else if (event.type === "reset") {
      setLater(null);
      first.reload();
      steps.reload();
      setTurn((before) => before + 1);
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
      <section className="panel">
        {first.error === null ? (
          <Loading what={id} />
        ) : (
          <Failed error={first.error} retry={first.reload} />
        )}
      </section>
    );
  }
  return <Body workflow={workflow} steps={steps} live={live} turn={turn} />;
}

function newer(first: WorkflowDetail | null, later: WorkflowDetail | null): WorkflowDetail | null {
  if (first === null || later === null) return later ?? first;
  return first.seq > later.seq ? first : { ...first, ...later };
}

interface BodyProperties {
  readonly workflow: WorkflowDetail;
  readonly steps: ReturnType<typeof useSteps>;
  readonly live: ReturnType<typeof useLive>;
  readonly turn: number;
}

function Body({ workflow, steps, live, turn }: BodyProperties) {
  const place = usePlace();
  const now = useNow(!isFinal(workflow.state));
  const chosen = place.query.get("step");
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
      <LostBanner state={live.state} retry={live.retry} />
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
      <div className="columns">
        <StepsPanel workflow={workflow} steps={steps} now={now} chosen={chosen} onChoose={choose} />
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
