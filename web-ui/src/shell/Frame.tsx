import { useEffect, useRef } from "react";

import { address, read } from "../api/client";
import { signOut, useMay } from "../api/session";
import type { Project, Session } from "../api/types";
import { useResource } from "../components/useResource";
import { Link } from "./Link";
import { Mark } from "./Mark";
import { usePlace } from "./router";
import { pageAt, SECTIONS } from "./routes";
import { type Theme, useTheme } from "./theme";

/** What is around every page: the way to the others, who is signed in, light or dark. */
export function Frame({ session }: { session: Session }) {
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const admin = useMay("admin");
  const project = useResource("project", (signal) => read<Project>(address(["project"]), signal));
  const page = pageAt(place.path);

  // Whoever follows a link with the keyboard or hears the page goes on at its beginning.
  const before = useRef(place.path);
  useEffect(() => {
    document.title = `${page.title} · orchestrate`;
    if (before.current !== place.path) {
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    before.current = place.path;
  }, [place.path, page.title]);

  return (
    <div className="frame">
      <header className="side">
        <a className="skip" href="#main">
          Skip to the page
        </a>
        <Link to="/workflows" className="brand">
          <Mark />
          <span>{project.value?.name ?? "orchestrate"}</span>
        </Link>
        <nav aria-label="Console">
          <ul>
            {SECTIONS.filter((one) => admin || one.scope !== "admin").map((one) => (
              <li key={one.to}>
                <Link to={one.to} current={page.section === one.to}>
                  {one.title}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <Who session={session} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {page.element}
      </main>
    </div>
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
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </div>
  );
}
