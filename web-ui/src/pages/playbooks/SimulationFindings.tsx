import type { Simulation } from "../../api/rehearsals";
import { StateBadge } from "../../components/StateBadge";
import { StepPath } from "./StepPath";
import { duration } from "../../model/times";

/** So many steps of the usual way are listed. */
const MOST = 300;

interface Properties {
  readonly simulation: Simulation;
  /** Leads to a step, where that is on the page, too. */
  readonly onGo?: (path: string) => void;
}

/** What going every way through a playbook found. */
export function SimulationFindings({ simulation, onGo }: Properties) {
  const { walks, left, states, shortest, longest } = simulation;
  const { problems, unreached, endless, order } = simulation;
  const good = problems.length + unreached.length + endless.length === 0;
  return (
    <>
      <div className={good ? "notice good slim" : "notice attention slim"} role="status">
        <p>
          <strong>
            {good ? "Every way through it ends, and reaches every step." : "Look at this:"}
          </strong>{" "}
          {walks === 1 ? "There is one way" : `There are ${walks} ways`} through it
          {left > 0 ? `; at least ${left} more were left out` : ""}.
          {shortest === null || longest === null
            ? ""
            : ` It takes ${between(duration(shortest), duration(longest))}, judging by what is known.`}
        </p>
        <p className="actions">
          {Object.entries(states).map(([state, count]) => (
            <span key={state}>
              {count} × <StateBadge state={state} />
            </span>
          ))}
        </p>
      </div>
      {good ? null : (
        <div className="scrolled">
          <table>
            <tbody>
              {problems.map((one) => (
                <tr key={`${one.path} ${one.message}`}>
                  <td className="tight">
                    <StepPath path={one.path} onGo={onGo} />
                  </td>
                  <td className="wrapped">
                    <strong data-tone="failed">goes wrong:</strong> {one.message}
                    {one.only_if.length === 0 ? "" : `, if ${one.only_if.join(" and ")}`}
                  </td>
                </tr>
              ))}
              {unreached.map((one) => (
                <tr key={one.path}>
                  <td className="tight">
                    <StepPath path={one.path} onGo={onGo} />
                  </td>
                  <td className="wrapped">
                    <strong data-tone="attention">is never reached:</strong> {one.why}
                  </td>
                </tr>
              ))}
              {endless.map((one) => (
                <tr key={one.join(" ")}>
                  <td className="tight">the playbook</td>
                  <td className="wrapped">
                    <strong data-tone="failed">has no end</strong> if {one.join(" and ")}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <details className="inside">
        <summary>The usual way, step by step</summary>
        <ol className="usual">
          {order.slice(0, MOST).map((path, index) => (
            <li key={`${index} ${path}`}>
              <StepPath path={path} onGo={onGo} />
            </li>
          ))}
        </ol>
        {order.length > MOST ? <p className="soft">and {order.length - MOST} more</p> : null}
      </details>
    </>
  );
}

function between(shortest: string, longest: string): string {
  return shortest === longest ? shortest : `${shortest} to ${longest}`;
}
