import type { Wait, WorkflowDetail } from "../../api/types";
import { Moment } from "../../components/Moment";
import { Value, Values } from "../../components/Value";
import { WaitsFor } from "../../components/WaitsFor";
import { between, clock, duration } from "../../model/times";

/** Waits that are told in full. */
const MOST = 5;

/** Who started it, with what, when, and what came of it. */
export function Facts({ workflow, now }: { workflow: WorkflowDetail; now: number }) {
  const took = between(workflow.started_at, workflow.finished_at, now);
  return (
    <section className="panel" aria-label="About this workflow">
      <header>
        <h2>About</h2>
      </header>
      <div className="inside stack">
        <dl className="facts">
          <dt>Environment</dt>
          <dd>{workflow.environment}</dd>
          <dt>Started by</dt>
          <dd>{workflow.actor}</dd>
          <dt>Started</dt>
          <dd>
            {workflow.started_at === null ? (
              "not yet"
            ) : (
              <>
                {clock(workflow.started_at)}, <Moment at={workflow.started_at} now={now} />
              </>
            )}
          </dd>
          {workflow.finished_at === null ? null : (
            <>
              <dt>Ended</dt>
              <dd>{clock(workflow.finished_at)}</dd>
            </>
          )}
          <dt>Took</dt>
          <dd>{took === null ? "–" : duration(took)}</dd>
          {workflow.reason === "" ? null : (
            <>
              <dt>Reason</dt>
              <dd>{workflow.reason}</dd>
            </>
          )}
          {workflow.resume_at === null ? null : (
            <>
              <dt>Goes on</dt>
              <dd>
                <Moment at={workflow.resume_at} now={now} />
              </dd>
            </>
          )}
          <Waits waits={workflow.waits_for} now={now} />
        </dl>
        <Block title="Parameters" values={workflow.parameters} none="It takes none." />
        <Block title="Outputs" values={workflow.outputs} />
        {workflow.checkpoints.length === 0 ? null : (
          <div>
            <h3>Checkpoints</h3>
            <ul className="plainlist">
              {workflow.checkpoints.map((one) => (
                <li key={one.id}>
                  <code>{one.id}</code> {one.name} <span className="soft">{clock(one.at)}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
        {workflow.warnings.length === 0 ? null : (
          <div>
            <h3>Warnings</h3>
            {workflow.warnings.map((warning, index) => (
              <Value key={index} value={warning} />
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

function Waits({ waits, now }: { waits: readonly Wait[]; now: number }) {
  return (
    <>
      {waits.slice(0, MOST).map((wait) => (
        <div className="fact" key={keyOf(wait)}>
          <dt>Waits for</dt>
          <dd>
            <WaitsFor wait={wait} now={now} />
            {wait.path === "" ? null : <span className="soft"> ({wait.path})</span>}
          </dd>
        </div>
      ))}
      {waits.length > MOST ? (
        <div className="fact">
          <dt>And</dt>
          <dd>{waits.length - MOST} more</dd>
        </div>
      ) : null}
    </>
  );
}

/** One step may wait for several things that the same workflow has. */
function keyOf({ kind, path, lock, resource, workflow, step }: Wait): string {
  return [kind, path, lock ?? resource ?? "", workflow ?? "", step ?? ""].join(" ");
}

interface BlockProperties {
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly none?: string;
}

function Block({ title, values, none }: BlockProperties) {
  const empty = Object.keys(values).length === 0;
  if (empty && none === undefined) return null;
  return (
    <div>
      <h3>{title}</h3>
      {empty ? <p className="soft">{none}</p> : <Values values={values} />}
    </div>
  );
}
