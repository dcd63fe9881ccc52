import { type SubmitEvent, useEffect, useRef, useState } from "react";

import { signIn } from "../api/session";
import { Failed } from "../components/notices";
import { Mark } from "../shell/Mark";

/** The way in: a token, or the link that the command line prints. */
export function SignIn({ why }: { why: string }) {
  const [given, setGiven] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus(); // there is nothing else to do here
  }, []);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    signIn({ token: given.trim() }).catch((reason: unknown) => {
      setError(reason);
      setBusy(false);
    });
  };

  return (
    <div className="signin">
      <main className="panel">
        <form onSubmit={submit}>
          <div className="heading">
            <Mark />
            <h1>orchestrate</h1>
          </div>
          {why === "" ? null : (
            <p role="status" className="soft">
              {why}
            </p>
          )}
          <div className="field">
            <label htmlFor="token">Token</label>
            <input
              id="token"
              ref={field}
              type="password"
              autoComplete="off"
              spellCheck={false}
              required
              value={given}
              onChange={(event) => {
                setGiven(event.target.value);
              }}
            />
          </div>
          {error === null ? null : <Failed error={error} slim />}
          <button type="submit" className="first" disabled={busy || given.trim() === ""}>
            {busy ? "Signing in…" : "Sign in"}
          </button>
          <div className="soft">
            <p>On the machine of the project:</p>
            <ul className="plainlist">
              <li>
                <code>orchestrate token link</code> prints an address that signs you in;
              </li>
              <li>
                <code>orchestrate token create --name NAME --scope view</code> makes a token for
                somebody else.
              </li>
            </ul>
          </div>
        </form>
      </main>
    </div>
  );
}
