import { lazy, Suspense } from "react";

import { address, read, request } from "../../api/client";
import { useMay } from "../../api/session";
import type { Page, PlaybookDetail, Workflow } from "../../api/types";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty, Failed, Loading } from "../../components/notices";
import { StateBadge } from "../../components/StateBadge";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { duration } from "../../model/times";
import { Link } from "../../shell/Link";
import { Outline } from "./Outline";
import { RunPanel } from "./RunPanel";

// The code of pictures is fetched when there is one to be shown.
const PlaybookGraph = lazy(async () => ({
  default: (await import("./PlaybookGraph")).PlaybookGraph,
}));
const FailuresPanel = lazy(async () => ({
  default: (await import("./FailuresPanel")).FailuresPanel,
}));

/** One playbook: what it does, running it, its steps, its text, its last workflows. */
export function PlaybookPage({ name }: { name: string }) {
  const where = address(["playbooks", name]);
  const found = useResource(where, (signal) => read<PlaybookDetail>(where, signal));
  const run = useMay("run");
  const admin = useMay("admin");
  const playbook = found.value;
  return (
    <>
      <div className="heading">
        <div className="trail">
          <Link to="/playbooks">Playbooks</Link>
        </div>
        <h1>{name}</h1>
        {playbook?.version == null ? null : <span className="tag">{playbook.version}</span>}
        <div className="actions">
          <Link to={`/playbooks/${encodeURIComponent(name)}/edit`} className="button">
            {admin ? "Edit" : "Look at it in the builder"}
          </Link>
        </div>
      </div>
      {found.error === null ? null : (
        <section className="panel">
          <Failed error={found.error} retry={found.reload} />
        </section>
      )}
      {playbook === null ? (
        found.error === null && <Loading what={name} />
      ) : (
        <About playbook={playbook} />
      )}
      <div className="columns">
        <div className="stack">
          {playbook?.valid === true && run ? <RunPanel name={name} /> : null}
          {playbook === null ? null : <Outline steps={playbook.steps} />}
          <Source name={name} />
        </div>
        <Last name={name} />
      </div>
      {playbook?.valid === true ? (
        <Suspense fallback={<Loading what="the graph" />}>
          <PlaybookGraph name={name} />
          <FailuresPanel name={name} />
        </Suspense>
      ) : null}
    </>
  );
}

function About({ playbook }: { playbook: PlaybookDetail }) {
  return (
    <>
      <p>
        {playbook.description}{" "}
        <span className="soft">
          {playbook.path}
          {playbook.usual_duration === null
            ? ""
            : `, usually takes ${duration(playbook.usual_duration)}`}
        </span>
      </p>
      {playbook.valid ? null : (
        <section className="panel">
          <div className="notice failed">
            <p>
              <strong>This playbook is not valid, so it cannot run.</strong>
            </p>
            <pre className="output">{playbook.problem}</pre>
          </div>
        </section>
      )}
    </>
  );
}

function Source({ name }: { name: string }) {
  const where = address(["playbooks", name, "source"]);
  const found = useResource(where, async (signal) => {
    const response = await request(where, { headers: { accept: "text/plain, */*" }, signal });
    return response.text();
  });
  return (
    <Listing
      title="Text"
      what="the text"
      found={found}
      isEmpty={(text) => text === ""}
      empty={<Empty title="The file is empty" />}
    >
      {(text) => (
        // Long text is scrolled with the keyboard, too.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className="source" tabIndex={0} role="region" aria-label={`Text of ${name}`}>
          {text}
        </pre>
      )}
    </Listing>
  );
}

function Last({ name }: { name: string }) {
  const where = address(["workflows"], { playbook: name, limit: 15 });
  const found = useResource(where, (signal) => read<Page<Workflow>>(where, signal));
  const now = useNow(true);
  return (
    <Listing
      title="Last workflows"
      what="workflows"
      found={found}
      isEmpty={(page) => page.items.length === 0}
      empty={<Empty title="It has not run yet" />}
      actions={<Link to={`/workflows?playbook=${encodeURIComponent(name)}`}>All of them</Link>}
    >
      {(page) => (
        <div className="scrolled">
          <table>
            <tbody>
              {page.items.map((one) => (
                <tr key={one.id}>
                  <td className="tight">
                    <Link to={`/workflows/${one.id}`}>{one.id}</Link>
                  </td>
                  <td>
                    <StateBadge state={one.state} />
                  </td>
                  <td className="tight">
                    <Moment at={one.started_at ?? one.created_at} now={now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Listing>
  );
}
