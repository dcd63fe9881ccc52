import { useState } from "react";

import { address, read } from "../../api/client";
import { useMay } from "../../api/session";
import type { Attempt, Blocker, StepDetail as Detail, WorkflowDetail } from "../../api/types";
import { Empty, Failed, Loading } from "../../components/notices";
import { Moment } from "../../components/Moment";
import { StateBadge } from "../../components/StateBadge";
import { useResource } from "../../components/useResource";
import { Value } from "../../components/Value";
import { size } from "../../model/output";
import { isFinal } from "../../model/states";
import { stateOf } from "../../model/tree";
import { between, clock, duration } from "../../model/times";
import { Link } from "../../shell/Link";
import { Output } from "./Output";
import { ResumeDialog } from "./ResumeDialog";

interface Properties {
  readonly workflow: WorkflowDetail;
  readonly path: string;
  /** How the step stands: it is read again when that is another. */
  readonly turn: string;
  readonly now: number;
}

/** One step: how it stands, what it waits for, its attempts and what they wrote. */
export function StepDetail({ workflow, path, turn, now }: Properties) {
  const where = address(["workflows", workflow.id, "step"], { path });
  const found = useKept(where, turn);
  const step = found.value;
  const state = step === null ? null : stateOf(step);
  return (
    <section className="panel" aria-label={`Step ${path}`}>
      <header>
        <h2>{path}</h2>
        {state === null ? null : <StateBadge state={state} />}
        <div className="actions">
          {step === null ? null : <FromHere workflow={workflow} path={path} />}
        </div>
      </header>
      {found.error === null ? null : found.error.code === "not-found" ? (
        <Unreached />
      ) : (
        <Failed error={found.error} retry={found.reload} slim />
      )}
      {step === null && found.error === null ? <Loading what={path} /> : null}
      {step === null ? null : <Body workflow={workflow} step={step} now={now} />}
    </section>
  );
}

function Unreached() {
  return (
    <Empty title="It has not been reached">
      <p>What stands in a loop is there, once for each iteration, as soon as that begins.</p>
    </Empty>
  );
}

/** What was read stays in sight until the newer answer is there. */
function useKept(where: string, turn: string) {
  const found = useResource(`${where} ${turn}`, (signal) => read<Detail>(where, signal));
  const [kept, setKept] = useState<Detail | null>(null);
  if (found.value !== null && found.value !== kept) setKept(found.value);
  return { ...found, value: found.value ?? kept };
}

function FromHere({ workflow, path }: { workflow: WorkflowDetail; path: string }) {
  const may = useMay("run");
  const [asked, setAsked] = useState(false);
  const stopped =
    isFinal(workflow.state) || workflow.state === "paused" || workflow.state === "needs_attention";
  if (!may || !stopped) return null;
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setAsked(true);
        }}
      >
        Resume from here…
      </button>
      {asked ? (
        <ResumeDialog
          workflow={workflow}
          paths={[path]}
          preset={{ from_step: path }}
          onClose={() => {
            setAsked(false);
          }}
        />
      ) : null}
    </>
  );
}

function Body({ workflow, step, now }: { workflow: WorkflowDetail; step: Detail; now: number }) {
  const took = between(step.started_at, step.finished_at, now);
  const next = nextTry(step);
  return (
    <>
      <div className="inside stack">
        {step.message === undefined || step.message === "" ? null : <p>{step.message}</p>}
        <dl className="facts">
          <dt>Kind</dt>
          <dd>{step.label === null ? step.kind : `${step.kind}, ${step.label}`}</dd>
          {step.started_at === null ? null : (
            <>
              <dt>Started</dt>
              <dd>{clock(step.started_at)}</dd>
              <dt>Took</dt>
              <dd>{took === null ? "–" : duration(took)}</dd>
            </>
          )}
          {step.exit_code === null ? null : (
            <>
              <dt>Exit code</dt>
              <dd>{step.exit_code}</dd>
            </>
          )}
          {next === null ? null : (
            <>
              <dt>Tries again</dt>
              <dd>
                <Moment at={next} now={now} />
              </dd>
            </>
          )}
          {(step.waits_for ?? []).map((blocker, index) => (
            <div className="fact" key={index}>
              <dt>Waits for</dt>
              <dd>
                <Holder blocker={blocker} />
              </dd>
            </div>
          ))}
          {step.undoing === undefined ? null : (
            <>
              <dt>Undone</dt>
              <dd>because {step.undoing}</dd>
            </>
          )}
          <List title="Left running" items={step.left_running} />
          <List title="Could not be ended" items={step.survivors} />
        </dl>
        {step.output == null ? null : (
          <div>
            <h3>Result</h3>
            <Value value={step.output} />
          </div>
        )}
      </div>
      <Attempts workflow={workflow} step={step} now={now} />
    </>
  );
}

/** When a step that failed is tried again, if it waits for that. */
function nextTry(step: Detail): string | null {
  if (step.finished_at !== null) return null;
  const last = step.events.findLast((one) => /^(timer_|attempt_)/.test(one.type));
  const { subject, at } = last?.data ?? {};
  const waits = last?.type === "timer_set" && typeof subject === "string";
  if (!waits || !subject.startsWith("retry") || typeof at !== "number") return null;
  return new Date(at * 1000).toISOString();
}

/** Who has what a step waits for, since when; or who waits for it, too, and came first. */
function Holder({ blocker }: { blocker: Blocker }) {
  const { workflow, step, since, waits = false } = blocker;
  const where = step === null ? "" : `?step=${encodeURIComponent(step)}`;
  return (
    <>
      <strong>{blocker.lock ?? blocker.resource}</strong>, which{" "}
      {workflow === null ? (
        "another workflow"
      ) : (
        <Link to={`/workflows/${workflow}${where}`}>
          {workflow}
          {step === null ? "" : ` (${step})`}
        </Link>
      )}{" "}
      {waits ? "waits for, too, and came first" : "has"}
      {since == null ? "" : ` since ${clock(since)}`}
    </>
  );
}

function List({ title, items }: { title: string; items: readonly string[] | undefined }) {
  if (items === undefined || items.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{items.join(", ")}</dd>
    </>
  );
}

interface AttemptsProperties {
  readonly workflow: WorkflowDetail;
  readonly step: Detail;
  readonly now: number;
}

function Attempts({ workflow, step, now }: AttemptsProperties) {
  const [chosen, setChosen] = useState<number | null>(null);
  const last = step.attempts_made.at(-1);
  if (last === undefined) return null;
  const shown = step.attempts_made.find((one) => one.attempt === chosen) ?? last;
  return (
    <>
      {step.attempts_made.length < 2 ? null : (
        <div className="scrolled">
          <table>
            <thead>
              <tr>
                <th>Attempt</th>
                <th>Ended</th>
                <th className="number">Took</th>
                <th className="number">Waited before</th>
                <th className="number optional">Wrote</th>
              </tr>
            </thead>
            <tbody>
              {step.attempts_made.map((one, index) => (
                <tr key={one.attempt}>
                  <td>
                    <button
                      type="button"
                      className="plain"
                      aria-pressed={one === shown}
                      onClick={() => {
                        setChosen(one.attempt);
                      }}
                    >
                      {one.number}
                    </button>
                  </td>
                  <td>
                    <StateBadge state={one.status ?? "running"} />
                    {one.message === "" ? null : <div className="soft">{one.message}</div>}
                  </td>
                  <td className="number">{took(one, now)}</td>
                  <td className="number">{waited(step.attempts_made[index - 1], one, now)}</td>
                  <td className="number optional">{one.bytes === null ? "–" : size(one.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Output
        key={shown.attempt}
        workflow={workflow.id}
        attempt={shown.attempt}
        growing={shown.finished_at === null}
      />
    </>
  );
}

/** How long it was waited after one attempt until the next. */
function waited(before: Attempt | undefined, one: Attempt, now: number): string {
  const seconds = before === undefined ? null : between(before.finished_at, one.started_at, now);
  return seconds === null ? "–" : duration(seconds);
}

function took(one: Attempt, now: number): string {
  const seconds = between(one.started_at, one.finished_at, now);
  return seconds === null ? "–" : duration(seconds);
}
