import { useState } from "react";

import { act, address } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Checkpoints, Verification } from "../../api/project";
import { Failed } from "../../components/notices";
import { Moment } from "../../components/Moment";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { useLiveResource } from "../../live/useLiveResource";
import { Link } from "../../shell/Link";

const COLUMNS: readonly Column[] = [
  { title: "What", look: "tight" },
  { title: "Where", look: "tight" },
  { title: "Finding" },
];

interface Standing {
  readonly busy: "" | "verifying" | "signing";
  readonly problem: Problem | null;
  readonly found: Verification | null;
}

/** Whether all is still there as it was recorded; and how far that was signed. */
export function VerificationPanel() {
  const signed = useLiveResource<Checkpoints>(
    address(["audit", "checkpoints"], { limit: 1 }),
    "audit",
  );
  const [standing, setStanding] = useState<Standing>({ busy: "", problem: null, found: null });
  const ask = (busy: "verifying" | "signing", then: () => Promise<Verification | null>) => {
    setStanding((before) => ({ ...before, busy, problem: null }));
    then().then(
      (found) => {
        setStanding((before) => ({ busy: "", problem: null, found: found ?? before.found }));
      },
      (reason: unknown) => {
        setStanding((before) => ({ ...before, busy: "", problem: Problem.of(reason) }));
      },
    );
  };
  const { busy, problem, found } = standing;
  return (
    <section className="panel" aria-label="Is it complete?" aria-busy={busy !== ""}>
      <header>
        <h2>Is it complete?</h2>
        <div className="actions">
          {signed.value?.signs === true ? (
            <button
              type="button"
              disabled={busy !== ""}
              onClick={() => {
                ask("signing", async () => {
                  await act("POST", address(["audit", "checkpoints"]), {});
                  signed.reload();
                  return null;
                });
              }}
            >
              {busy === "signing" ? "Signing…" : "Sign it now"}
            </button>
          ) : null}
          <button
            type="button"
            disabled={busy !== ""}
            onClick={() => {
              ask("verifying", () =>
                act<Verification>("POST", address(["audit", "verification"]), {}),
              );
            }}
          >
            {busy === "verifying" ? "Looking at everything…" : "Verify"}
          </button>
        </div>
      </header>
      {problem === null ? null : <Failed error={problem} slim />}
      {found === null ? null : <Found found={found} />}
      <p className="inside soft">
        Every entry carries a digest of itself and of the one before: none can be changed or removed
        unnoticed. <Signed signed={signed.value} />
      </p>
    </section>
  );
}

function Signed({ signed }: { signed: Checkpoints | null }) {
  const now = useNow(true);
  const last = signed?.items[0];
  if (signed === null) return null;
  if (last !== undefined) {
    return (
      <>
        How far they went was last signed <Moment at={last.at} now={now} />, with the key{" "}
        <code>{last.key}</code>.
      </>
    );
  }
  return signed.signs ? (
    <>Nothing was signed yet.</>
  ) : (
    <>
      With a key (<code>orchestrate audit key</code>) how far they went is signed, too.
    </>
  );
}

function counted(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? "" : "s"}`;
}

function Found({ found }: { found: Verification }) {
  const looked = [
    `${counted(found.events, "event")} of ${counted(found.workflows, "workflow")}`,
    ...(found.actions === null ? [] : [counted(found.actions, "action")]),
    ...(found.checkpoints === null ? [] : [counted(found.checkpoints, "signed checkpoint")]),
  ].join(", ");
  if (found.sound) {
    return (
      <div className="notice good slim" role="status">
        <p>
          <strong>All is as it was recorded:</strong> {looked}.
        </p>
        {found.head === null ? null : (
          <p className="soft">
            Action {found.head.action} has the digest <code>{found.head.hash}</code>
          </p>
        )}
      </div>
    );
  }
  return (
    <>
      <div className="notice failed slim" role="alert">
        <p>
          <strong>
            {found.found === 1 ? "One thing is" : `${found.found} things are`} not as recorded
          </strong>{" "}
          in {looked}. Keep a copy of the store before anything is mended.
        </p>
      </div>
      <Table columns={COLUMNS} folding>
        {found.findings.map((one) => (
          <tr key={`${one.kind} ${one.workflow ?? ""} ${one.number ?? ""} ${one.message}`}>
            <td className="tight" data-tone="failed">
              {one.kind}
            </td>
            <td className="tight">
              {one.workflow === undefined ? (
                "the store"
              ) : (
                <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link>
              )}
            </td>
            <td className="wrapped">{one.message}</td>
          </tr>
        ))}
      </Table>
      {found.found > found.findings.length ? (
        <p className="inside soft">and {found.found - found.findings.length} more</p>
      ) : null}
    </>
  );
}
