import type { PlaybookDetail } from "../../api/types";
import { Empty } from "../../components/notices";
import { parentOf } from "../../model/tree";

/** The steps as they are written, one to a line. */
export function Outline({ steps }: { steps: PlaybookDetail["steps"] }) {
  return (
    <section className="panel" aria-label="Steps">
      <header>
        <h2>Steps</h2>
      </header>
      {steps.length === 0 ? (
        <Empty title="Nothing to show">
          <p>It has no steps, or they cannot be read.</p>
        </Empty>
      ) : (
        <div className="scrolled">
          <table>
            <tbody>
              {steps.map((step) => (
                <tr key={step.path}>
                  <td className="step" style={{ paddingLeft: `${0.75 + depthOf(step.path)}rem` }}>
                    {step.path.slice(step.path.lastIndexOf("/") + 1)}
                    {step.role === null ? null : (
                      <span className="soft"> {step.role.replace("_", " ")}</span>
                    )}
                  </td>
                  <td className="wrapped">
                    {step.call === null ? step.kind : <code>{step.call}</code>}{" "}
                    {step.notes.map((note) => (
                      <span className="tag" key={note}>
                        {note}
                      </span>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function depthOf(path: string): number {
  const parent = parentOf(path);
  return parent === "" ? 0 : 1 + depthOf(parent);
}
