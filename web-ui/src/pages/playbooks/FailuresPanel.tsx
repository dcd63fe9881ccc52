import "../../design/graph.css";
import "../../design/matrix.css";

import { useEffect, useRef, useState } from "react";

import { address, request } from "../../api/client";
import { Problem } from "../../api/problem";
import type { CheckReport, FailureMatrix, Simulation } from "../../api/rehearsals";
import { EnvironmentSelect } from "../../components/EnvironmentSelect";
import { Failed } from "../../components/notices";
import { useNow } from "../../components/useNow";
import { duration } from "../../model/times";
import { FailureTable } from "./FailureTable";
import { SimulationFindings } from "./SimulationFindings";

type Asked = "simulation" | "failures";

interface Standing {
  readonly asked: Asked | null;
  /** When it was asked, in milliseconds since the epoch. */
  readonly since: number;
  readonly error: Problem | null;
  readonly report: CheckReport | null;
}

const NOTHING: Standing = { asked: null, since: 0, error: null, report: null };

/** What could happen to a playbook, found out when somebody asks: nothing is executed for it. */
export function FailuresPanel({ name }: { name: string }) {
  const [standing, setStanding] = useState<Standing>(NOTHING);
  const [environment, setEnvironment] = useState("");
  const running = useRef<AbortController | null>(null);
  useEffect(
    () => () => {
      running.current?.abort();
    },
    [],
  );
  const ask = (asked: Asked) => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    setStanding({ ...NOTHING, asked, since: Date.now() });
    rehearse(name, asked, environment, abort.signal).then(
      (report) => {
        setStanding({ ...NOTHING, report });
      },
      (reason: unknown) => {
        if (!abort.signal.aborted) setStanding({ ...NOTHING, error: Problem.of(reason) });
      },
    );
  };
  const { asked, error, report } = standing;
  return (
    <section className="panel" aria-label="What could happen" aria-busy={asked !== null}>
      <header>
        <h2>What could happen</h2>
        <div className="actions">
          <EnvironmentSelect
            value={environment}
            onChange={(chosen) => {
              running.current?.abort();
              setStanding(NOTHING);
              setEnvironment(chosen);
            }}
          />
          <button
            type="button"
            disabled={asked !== null}
            onClick={() => {
              ask("simulation");
            }}
          >
            Simulate
          </button>
          <button
            type="button"
            disabled={asked !== null}
            onClick={() => {
              ask("failures");
            }}
          >
            Failure matrix
          </button>
        </div>
      </header>
      {asked === null ? null : (
        <Busy
          since={standing.since}
          onStop={() => {
            running.current?.abort();
            setStanding(NOTHING);
          }}
        />
      )}
      {error === null ? null : <Failed error={error} slim />}
      {report === null ? null : <Found report={report} />}
      {asked === null && error === null && report === null ? (
        <p className="inside soft">
          A simulation goes every way through the playbook. The failure matrix says, for each step,
          what comes of it if that fails, times out, is cancelled, or the machine dies. Nothing is
          executed.
        </p>
      ) : null}
    </section>
  );
}

async function rehearse(
  name: string,
  asked: Asked,
  environment: string,
  signal: AbortSignal,
): Promise<CheckReport> {
  const where = address(["playbooks", name, asked]);
  const body = environment === "" ? {} : { environment };
  const response = await request(where, { method: "POST", body, signal });
  return (await response.json()) as CheckReport;
}

function Busy({ since, onStop }: { since: number; onStop: () => void }) {
  const now = useNow(true);
  return (
    <div className="notice slim" role="status">
      <p>
        Rehearsing, for {duration(Math.max(0, Math.round((now - since) / 1000)))}. A large playbook
        takes some seconds; then what was found until then is shown.
      </p>
      <button type="button" onClick={onStop}>
        Stop waiting
      </button>
    </div>
  );
}

function Found({ report }: { report: CheckReport }) {
  const errors = report.findings.filter((one) => one.severity === "error");
  const matrix: FailureMatrix | undefined = report.failures;
  const simulation: Simulation | undefined = report.simulation;
  return (
    <>
      <p className="inside soft">
        In the environment <strong>{report.environment}</strong>:
      </p>
      {matrix === undefined && simulation === undefined ? (
        <div className="notice failed slim">
          <p>
            <strong>It is not valid, so nothing can be said of what would happen.</strong>
          </p>
          {errors.map((one) => (
            <p key={`${one.line} ${one.message}`}>
              {one.file}:{one.line}: {one.message}
            </p>
          ))}
        </div>
      ) : null}
      {matrix === undefined ? null : <FailureTable matrix={matrix} />}
      {simulation === undefined ? null : <SimulationFindings simulation={simulation} />}
    </>
  );
}
