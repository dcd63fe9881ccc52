import { Empty } from "../../components/notices";
import { StateBadge } from "../../components/StateBadge";
import { duration } from "../../model/times";
import type { FailureMatrix, Simulation } from "../../api/rehearsals";
import { counted, inWords } from "./words";

const MOST = 300;

type Go = (path: string) => void;

/** What walking every way through the playbook found. */
export function SimulationFound({ found, onGo }: { found: Simulation; onGo: Go }) {
  const { walks, left, states, shortest, longest } = found;
  const good = found.problems.length === 0 && found.unreached.length === 0;
  return (
    <>
      <p>
        {left > 0 ? `The first ${walks} ways` : counted(walks, "way")} through it
        {left > 0 ? ` (at least ${left} more are there)` : ""}:{" "}
        {Object.entries(states).map(([state, count]) => (
          <span key={state}>
            {count} × <StateBadge state={state} />{" "}
          </span>
        ))}
        {shortest === null || longest === null
          ? null
          : `taking ${duration(shortest)} to ${duration(longest)}.`}
      </p>
      {good && found.endless.length === 0 ? (
        <Empty title="Every way ends, and every step is reached" />
      ) : null}
      <ul className="findings">
        {found.problems.map((one) => (
          <li key={`problem ${one.path} ${one.message}`}>
            <Step path={one.path} onGo={onGo} />
            <p>
              <strong data-tone="failed">goes wrong</strong> {one.message}
              {one.only_if.length === 0 ? "" : `, if ${one.only_if.join(" and ")}`}
            </p>
          </li>
        ))}
        {found.unreached.map((one) => (
          <li key={`unreached ${one.path}`}>
            <Step path={one.path} onGo={onGo} />
            <p>
              <strong data-tone="attention">never reached</strong> {one.why}
            </p>
          </li>
        ))}
        {found.endless.map((one) => (
          <li key={`endless ${one.join(" ")}`}>
            <span />
            <p>
              <strong data-tone="failed">has no end</strong> if {one.join(" and ")}
            </p>
          </li>
        ))}
      </ul>
      <h3>The usual way</h3>
      <ol className="usual">
        {found.order.slice(0, MOST).map((path, index) => (
          <li key={`${index} ${path}`}>
            <Step path={path} onGo={onGo} />
          </li>
        ))}
      </ol>
      {found.order.length > MOST ? (
        <p className="soft">and {found.order.length - MOST} more</p>
      ) : null}
    </>
  );
}

function Step({ path, onGo }: { path: string; onGo: Go }) {
  return (
    <button
      type="button"
      className="plain"
      onClick={() => {
        onGo(path);
      }}
    >
      {path === "" ? "the playbook" : path}
    </button>
  );
}

/** Of each step: what comes of its failure, of a crash, of a cancel. */
export function FailuresFound({ found, onGo }: { found: FailureMatrix; onGo: Go }) {
  const rows = found.steps.flatMap((step) => step.outcomes.map((outcome) => ({ step, outcome })));
  return (
    <>
      {found.breaches.length === 0 ? null : (
        <ul className="findings">
          {found.breaches.map((one) => (
            <li key={`${one.rule} ${one.path}`}>
              <Step path={one.path} onGo={onGo} />
              <p>
                <strong data-tone="failed">breaks {one.rule}</strong> {one.why}
              </p>
            </li>
          ))}
        </ul>
      )}
      {found.notes.map((note) => (
        <p className="soft" key={note}>
          {note}
        </p>
      ))}
      {rows.length === 0 ? (
        <Empty title="There is nothing that could fail" />
      ) : (
        <div className="scrolled">
          <table>
            <thead>
              <tr>
                <th>If this step</th>
                <th>comes to this</th>
                <th>it ends</th>
                <th>and does</th>
                <th>left over</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, MOST).map(({ step, outcome }, index) => (
                <tr key={`${index} ${step.path}`}>
                  <td>
                    <Step path={step.path} onGo={onGo} />
                  </td>
                  <td>
                    {inWords(outcome.mishap)}
                    {outcome.of === null ? "" : ` (${outcome.of})`}
                  </td>
                  <td>
                    <StateBadge state={outcome.state} />
                  </td>
                  <td className="wrapped">{outcome.handlers.join(", ")}</td>
                  <td className="wrapped">{[...outcome.done, ...outcome.partial].join(", ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > MOST ? <p className="soft">and {rows.length - MOST} more cases</p> : null}
    </>
  );
}
