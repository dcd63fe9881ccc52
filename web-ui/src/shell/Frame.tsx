import { Suspense, useEffect, useRef } from "react";

import { address, read } from "../api/client";
import { useMay } from "../api/session";
import type { Project, Session } from "../api/types";
import { Loading, LostBanner } from "../components/notices";
import { useResource } from "../components/useResource";
import { useInbox } from "../live/inbox";
import { InboxReader } from "../live/InboxReader";
import { ProjectStream } from "../live/ProjectStream";
import { useProjectLive } from "../live/useProjectLive";
import { Broken } from "./Broken";
import { useTab } from "./favicon";
import { Link } from "./Link";
import { Mark } from "./Mark";
import { usePlace } from "./router";
import { pageAt, SECTIONS } from "./routes";
import { SignOut } from "./SignOut";
import { StandingBanner } from "./StandingBanner";
import { type Theme, useTheme } from "./theme";

/** What is around every page: the way to the others, who is signed in, light or dark. */
export function Frame({ session }: { session: Session }) {
  return (
    <ProjectStream>
      <InboxReader>
        <Inside session={session} />
      </InboxReader>
    </ProjectStream>
  );
}

function Inside({ session }: { session: Session }) {
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const project = useResource("project", (signal) => read<Project>(address(["project"]), signal));
  const page = pageAt(place.path);
  const waiting = useInbox().approvals.value?.items.length ?? 0;
  const live = useProjectLive({ onHello: project.reload });
  const lost = live.state.kind === "lost";
  const name = project.value?.name ?? "orchestrate";
  useTab(
    `${waiting === 0 ? "" : `(${waiting}) `}${page.title} · ${name}`,
    lost ? "icon-lost" : waiting > 0 ? "icon-waiting" : "icon",
  );

  // Whoever follows a link with the keyboard or hears the page goes on at its beginning.
  const before = useRef(place.path);
  useEffect(() => {
    if (before.current !== place.path) {
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    before.current = place.path;
  }, [place.path]);

  return (
    <div className="frame">
      <header className="side">
        <a className="skip" href="#main">
          Skip to the page
        </a>
        <Link to="/workflows" className="brand">
          <Mark />
          <span>{name}</span>
        </Link>
        <Sections section={page.section} waiting={waiting} />
        <Who session={session} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <StandingBanner />
        <LostBanner state={live.state} retry={live.retry} />
        <Broken place={place.path} lost={lost}>
          <Suspense fallback={<Loading what={page.title} />}>{page.element}</Suspense>
        </Broken>
      </main>
    </div>
  );
}

function Sections({ section, waiting }: { section: string; waiting: number }) {
  const admin = useMay("admin");
  const nav = useRef<HTMLElement>(null);
  // On a narrow screen the sections stand in one line, which scrolls.
  useEffect(() => {
    const current = nav.current?.querySelector('[aria-current="page"]');
    current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [section]);
  return (
    <nav aria-label="Console" ref={nav}>
      <ul>
        {SECTIONS.filter((one) => admin || one.scope !== "admin").map((one) => (
          <li key={one.to}>
            <Link to={one.to} current={section === one.to}>
              {one.title}
              {one.to === "/approvals" && waiting > 0 ? (
                <span className="count">
                  {waiting}
                  <span className="hidden"> wait for an answer</span>
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Who({ session }: { session: Session }) {
  const [theme, choose] = useTheme();
  return (
    <div className="who">
      <span>
        {session.actor} <span className="tag">{session.scopes.join(", ")}</span>
      </span>
      <select
        aria-label="Colours"
        value={theme}
        onChange={(event) => {
          choose(event.target.value as Theme);
        }}
      >
        <option value="system">as the machine</option>
        <option value="light">light</option>
        <option value="dark">dark</option>
      </select>
      <SignOut />
    </div>
  );
}
