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

/** A sentence in which what stands between backticks is to be typed. */
export function Worded({ text }: { text: string }) {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>));
}

interface FailedProperties {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
  readonly slim?: boolean;
  /** Where else one could go. */
  readonly children?: ReactNode;
}

/** What went wrong, what to do about it, and a way to try again. */
export function Failed({ error, retry, slim = false, children }: FailedProperties) {
  const problem = Problem.of(error);
  return (
    <div className={slim ? "notice failed slim" : "notice failed"} role="alert">
      <p>
        <strong>{problem.message}</strong>
      </p>
      {problem.hint === "" ? null : (
        <p>
          <Worded text={problem.hint} />
        </p>
      )}
      {problem.code === "" ? null : <code>{problem.code}</code>}
      {retry === undefined && children === undefined ? null : (
        <div className="actions">
          {retry === undefined ? null : (
            <button type="button" onClick={retry}>
              Try again
            </button>
          )}
          {children}
        </div>
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
