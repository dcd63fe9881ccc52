import type { ReactNode } from "react";

import { Problem } from "../api/problem";
import type { LiveState } from "../live/connection";
import { clock, distance } from "../model/times";
import { useNow } from "./useNow";

/** There is nothing, and why, and what one could do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="notice">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** Something is on its way: lines where text will be. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="hidden">Loading {what}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

interface FailedProperties {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
  readonly slim?: boolean;
}

/** What went wrong, what to do about it, and a way to try again. */
export function Failed({ error, retry, slim = false }: FailedProperties) {
  const problem = Problem.of(error);
  return (
    <div className={slim ? "notice failed slim" : "notice failed"} role="alert">
      <p>
        <strong>{problem.message}</strong>
      </p>
      {problem.hint === "" ? null : <p>{problem.hint}</p>}
      {problem.code === "" ? null : <code>{problem.code}</code>}
      {retry === undefined ? null : (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Says that what is shown is old, since when, and that the page comes back by itself. */
export function LostBanner({ state, retry }: { state: LiveState; retry: () => void }) {
  const now = useNow(state.kind === "lost");
  if (state.kind === "refused") {
    return (
      <div className="banner" role="alert">
        <strong>This page is no longer live.</strong>
        <span>The server refused to send changes ({state.status}). Load the page again.</span>
      </div>
    );
  }
  if (state.kind !== "lost") return null;
  const since = new Date(state.since).toISOString();
  return (
    <div className="banner" role="status">
      <strong>Disconnected since {clock(since).slice(11)}.</strong>
      <span>
        What you see is as it was {distance(since, now)}. The console reconnects by itself and
        misses nothing.
      </span>
      <button type="button" onClick={retry}>
        Try now
      </button>
    </div>
  );
}
