import { lazy, Suspense } from "react";

import { address, request } from "../../api/client";
import { useMay } from "../../api/session";
import type { Page, PlaybookDetail, Workflow } from "../../api/types";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty, Failed, Loading } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { StateBadge } from "../../components/StateBadge";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { useLiveResource } from "../../live/useLiveResource";
import { useProjectLive } from "../../live/useProjectLive";
import { Link } from "../../shell/Link";
import { AboutPanel } from "./AboutPanel";
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
  const found = useLiveResource<PlaybookDetail>(where, "playbooks");
  const admin = useMay("admin");
  const playbook = found.value;
  const missing = found.error?.status === 404 && playbook === null;
  const edit = `/playbooks/${encodeURIComponent(name)}/edit`;
  return (
    <>
      <PageHead
        title={name}
        trail={<Link to="/playbooks">Playbooks</Link>}
        beside={playbook?.version == null ? null : <span className="tag">{playbook.version}</span>}
        actions={
          missing ? undefined : (
            <Link to={edit} className="button">
              {admin ? "Edit" : "Look at it in the builder"}
            </Link>
          )
        }
      />
      {found.error === null ? null : (
        <section className="panel">
          <Failed error={found.error} retry={found.reload}>
            {missing ? (
              <Link to={`/playbooks?find=${encodeURIComponent(name)}`} className="button">
                Find it among all playbooks
              </Link>
            ) : null}
          </Failed>
        </section>
      )}
      {playbook === null && found.error === null ? <Loading what={name} /> : null}
      {playbook === null ? null : <Body playbook={playbook} edit={edit} />}
    </>
  );
}

function Body({ playbook, edit }: { playbook: PlaybookDetail; edit: string }) {
  const { name, valid } = playbook;
  const run = useMay("run");
  return (
    <>
      {playbook.description === "" ? null : <p>{playbook.description}</p>}
      {valid ? null : <Invalid problem={playbook.problem} edit={edit} />}
      <div className="columns">
        <div className="stack">
          {valid && run ? <RunPanel name={name} /> : null}
          {valid ? <Outline steps={playbook.steps} /> : null}
          <Source name={name} />
        </div>
        <div className="stack">
          <Last name={name} />
          <AboutPanel playbook={playbook} />
        </div>
      </div>
      {valid ? (
        <Suspense fallback={<Loading what="the graph" />}>
          <PlaybookGraph name={name} />
          <FailuresPanel name={name} />
        </Suspense>
      ) : null}
    </>
  );
}

/** What is wrong with it, and the way to where that is mended. */
function Invalid({ problem, edit }: { problem: string; edit: string }) {
  const admin = useMay("admin");
  return (
    <section className="panel">
      <div className="notice failed">
        <p>
          <strong>This playbook is not valid, so it cannot run.</strong>
        </p>
        <pre className="output">{problem}</pre>
        <div className="actions">
          <Link to={edit} className="button">
            {admin ? "Mend it in the builder" : "See it in the builder"}
          </Link>
        </div>
      </div>
    </section>
  );
}

function Source({ name }: { name: string }) {
  const where = address(["playbooks", name, "source"]);
  const found = useResource(where, async (signal) => {
    const response = await request(where, { headers: { accept: "text/plain, */*" }, signal });
    return response.text();
  });
  useProjectLive({
    onHello: found.reload,
    onChanged: (what) => {
      if (what === "playbooks") found.reload();
    },
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
          {text
            .replace(/\n$/, "")
            .split("\n")
            .map((line, index) => (
              <span className="line" key={index}>
                {line}
                {"\n"}
              </span>
            ))}
        </pre>
      )}
    </Listing>
  );
}

function Last({ name }: { name: string }) {
  const where = address(["workflows"], { playbook: name, limit: 15 });
  const found = useLiveResource<Page<Workflow>>(where, "workflows");
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
