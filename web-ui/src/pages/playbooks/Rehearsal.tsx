import type { DryRun } from "../../api/types";
import { duration } from "../../model/times";

const MOST = 200;

/** What a dry run found: whether it can run, what each step would do, and why one would not. */
export function Rehearsal({ result }: { result: DryRun }) {
  const { estimate } = result;
  return (
    <div role="status">
      <div className={result.can_run ? "notice good slim" : "notice failed slim"}>
        <p>
          <strong>{result.can_run ? "It can run" : "It cannot run"}</strong> in {result.environment}
          {estimate.workflows > 0
            ? `; about ${duration(estimate.seconds)}, judging by ${estimate.workflows} earlier workflows.`
            : "."}
        </p>
      </div>
      <div className="scrolled">
        <table>
          <thead>
            <tr>
              <th>Step</th>
              <th className="tight">Would</th>
              <th>Call</th>
            </tr>
          </thead>
          <tbody>
            {result.steps.slice(0, MOST).map((step) => (
              <tr key={step.path}>
                <td>{step.path}</td>
                <td className="tight">{step.state}</td>
                <td className="wrapped">
                  {step.call === null ? (
                    <span className="soft">{step.kind}</span>
                  ) : (
                    <code>{step.call}</code>
                  )}
                  {step.message === "" ? null : <div className="soft">{step.message}</div>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {result.steps.length > MOST ? (
        <p className="soft">and {result.steps.length - MOST} more steps</p>
      ) : null}
    </div>
  );
}
