import { useState } from "react";

import { Problem } from "../api/problem";
import { signOut } from "../api/session";
import { Dialog } from "../components/Dialog";
import { draftNames, forgetDrafts } from "../pages/builder/draft";

/** Signs out. Drafts do not stay behind for whoever comes next: if there are any, it asks first. */
export function SignOut() {
  const [refused, setRefused] = useState("");
  const [drafts, setDrafts] = useState<readonly (string | null)[]>([]);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          setRefused("");
          const found = draftNames(window.sessionStorage);
          setDrafts(found);
          if (found.length > 0) return;
          signOut().catch((reason: unknown) => {
            setRefused(Problem.of(reason).message);
          });
        }}
      >
        Sign out
      </button>
      {refused === "" ? null : (
        <span role="alert" data-tone="failed">
          You are still signed in. {refused}
        </span>
      )}
      {drafts.length === 0 ? null : (
        <Dialog
          title="Sign out without saving?"
          action="Throw it away and sign out"
          danger
          onConfirm={async () => {
            await signOut();
            forgetDrafts(window.sessionStorage);
          }}
          onClose={() => {
            setDrafts([]);
          }}
        >
          <p>
            What you changed is not saved, and is lost when you sign out:{" "}
            {drafts.map((name) => name ?? "a new playbook").join(", ")}.
          </p>
        </Dialog>
      )}
    </>
  );
}
