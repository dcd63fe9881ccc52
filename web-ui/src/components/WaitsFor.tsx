import type { Wait } from "../api/types";
import { Link } from "../shell/Link";
import { Moment } from "./Moment";

/** What something waits for, in half a sentence: `“Release it?”`, `the lock db, which WF-2026-004 has`. */
export function WaitsFor({ wait, now }: { wait: Wait; now: number }) {
  switch (wait.kind) {
    case "approval":
      return (
        <>
          an answer to <q>{wait.message}</q>
          <Until wait={wait} now={now} before="; time is over " />
        </>
      );
    case "lock":
    case "capacity":
      return (
        <>
          {wait.kind === "lock" ? `the lock ${wait.lock ?? ""}` : wait.resource}, which{" "}
          {wait.workflow == null ? (
            "another workflow"
          ) : (
            <Link to={`/workflows/${wait.workflow}`}>{wait.workflow}</Link>
          )}{" "}
          {wait.waits === true ? "waits for, too, and came first" : "has"}
        </>
      );
    case "event":
      return (
        <>
          the event <code>{wait.event}</code>
          {wait.source == null ? null : ` from ${wait.source}`}
        </>
      );
    case "rate":
      return (
        <>
          the rate limit {wait.limit}
          <Until wait={wait} now={now} before="; its turn comes " />
        </>
      );
    case "retry":
      return (
        <>
          its next attempt
          <Until wait={wait} now={now} before=", " />
        </>
      );
    case "timer":
      return (
        <>
          a moment
          <Until wait={wait} now={now} before=", " />
        </>
      );
    default:
      return (
        <>
          a decision{wait.message === undefined || wait.message === "" ? null : `: ${wait.message}`}
        </>
      );
  }
}

function Until({ wait, now, before }: { wait: Wait; now: number; before: string }) {
  if (wait.until == null) return null;
  return (
    <>
      {before}
      <Moment at={wait.until} now={now} />
    </>
  );
}
