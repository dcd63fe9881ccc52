import type { PlaybookDetail } from "../../api/types";
import { duration } from "../../model/times";
import { Link } from "../../shell/Link";
import { ORIGINS } from "./finding";

/** What a playbook is: where it lies, what it takes and holds, how long it usually takes. */
export function AboutPanel({ playbook }: { playbook: PlaybookDetail }) {
  const { category, tags, holds, commands } = playbook;
  return (
    <section className="panel" aria-label="About this playbook">
      <header>
        <h2>About</h2>
      </header>
      <dl className="facts inside">
        <dt>File</dt>
        <dd>
          <code>{playbook.path}</code>
          <span className="soft"> of {ORIGINS[playbook.origin] ?? playbook.origin}</span>
        </dd>
        {category === null && tags.length === 0 ? null : (
          <>
            <dt>Category</dt>
            <dd>
              {category}{" "}
              {tags.map((tag) => (
                <span className="tag" key={tag}>
                  {tag}
                </span>
              ))}
            </dd>
          </>
        )}
        {playbook.valid ? <Known playbook={playbook} /> : null}
        {holds.length === 0 ? null : (
          <>
            <dt>Holds</dt>
            <dd>
              {holds.join(", ")} <Link to="/capacity">who has it</Link>
            </dd>
          </>
        )}
        {commands.length === 0 ? null : (
          <>
            <dt>Calls</dt>
            <dd>
              <ul className="plainlist">
                {commands.map((one) => (
                  <li key={one.command}>
                    <code>{one.command}</code> <span className="soft">{one.origin}</span>
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** What only one that can be read tells. */
function Known({ playbook }: { playbook: PlaybookDetail }) {
  const { environments, parameters } = playbook;
  const takes = parameters.filter((one) => one.name !== "environment");
  return (
    <>
      <dt>Runs in</dt>
      <dd>{environments === null ? "every environment" : environments.join(", ")}</dd>
      <dt>Usually takes</dt>
      <dd>
        {playbook.usual_duration === null ? (
          <span className="soft">unknown: it never succeeded</span>
        ) : (
          duration(playbook.usual_duration)
        )}
      </dd>
      <dt>Takes</dt>
      <dd>
        {takes.length === 0 ? (
          <span className="soft">no parameters</span>
        ) : (
          takes.map((one) => one.name).join(", ")
        )}
      </dd>
    </>
  );
}
