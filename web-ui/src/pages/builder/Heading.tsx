import { canRedo, canUndo } from "../../builder/history";
import { EnvironmentSelect } from "../../components/EnvironmentSelect";
import { Link } from "../../shell/Link";
import type { Placed } from "./answers";
import type { Do } from "./deeds";
import type { Drawing, Drawn } from "./Drawer";
import type { Check } from "./useCheck";
import type { Opened } from "./useBench";
import { counted } from "./words";

interface Properties {
  readonly name: string | null;
  readonly title: string;
  readonly opened: Opened;
  readonly check: Check;
  readonly readOnly: boolean;
  readonly drawing: Drawing;
  readonly environment: string;
  readonly onEnvironment: (environment: string) => void;
  readonly onTemplate: () => void;
  readonly onSave: () => void;
}

/** What is edited, how it stands, and what can be done with all of it. */
export function Heading(properties: Properties) {
  const { name, title, opened, check, readOnly, drawing, onSave } = properties;
  const { bench, act, dirty } = opened;
  const { drawn, draw: onDraw } = drawing;
  return (
    <>
      <div className="heading">
        <div className="trail">
          <Link to="/playbooks">Playbooks</Link>
          {name === null ? null : (
            <>
              {" › "}
              <Link to={`/playbooks/${encodeURIComponent(name)}`}>{name}</Link>
            </>
          )}
        </div>
        <h1>{name === null ? "New playbook" : `${readOnly ? "Look at" : "Edit"} ${name}`}</h1>
        {title !== "" && title !== name ? <span className="tag">{title}</span> : null}
        {dirty ? <span className="tag">not saved</span> : null}
        <div className="actions">
          {readOnly ? null : (
            <>
              {name === null && !dirty ? (
                <button type="button" onClick={properties.onTemplate}>
                  From a template…
                </button>
              ) : null}
              <EnvironmentSelect
                value={properties.environment}
                onChange={properties.onEnvironment}
              />
              <Standing check={check} opened={opened} drawn={drawn} onDraw={onDraw} />
              <History act={act} back={canUndo(bench.history)} forth={canRedo(bench.history)} />
              <button
                type="button"
                onClick={() => {
                  onDraw("simulation");
                }}
              >
                Simulate
              </button>
              <button
                type="button"
                onClick={() => {
                  onDraw("failures");
                }}
              >
                Failures
              </button>
              <button type="button" className="first" disabled={!dirty} onClick={onSave}>
                Save…
              </button>
            </>
          )}
        </div>
      </div>
      {readOnly ? <ReadOnly /> : null}
      <Restored opened={opened} />
    </>
  );
}

function ReadOnly() {
  return (
    <p className="banner">
      <strong>You can look, and change nothing.</strong> Saving playbooks takes a token with the
      scope <code>admin</code>, without limits to environments or playbooks.
    </p>
  );
}

function History({ act, back, forth }: { act: Do; back: boolean; forth: boolean }) {
  return (
    <>
      <button
        type="button"
        disabled={!back}
        aria-keyshortcuts="Control+Z"
        title="Ctrl+Z"
        onClick={() => {
          act({ kind: "undo" });
        }}
      >
        Undo
      </button>
      <button
        type="button"
        disabled={!forth}
        aria-keyshortcuts="Control+Shift+Z"
        title="Ctrl+Shift+Z"
        onClick={() => {
          act({ kind: "redo" });
        }}
      >
        Redo
      </button>
    </>
  );
}

function Restored({ opened }: { opened: Opened }) {
  const { restored, act, base } = opened;
  if (restored === "none") return null;
  return (
    <div className="banner" role="status">
      <strong>What you had not saved is here again.</strong>
      {restored === "changed" ? (
        <span>The file was changed meanwhile: saving will ask what is to stand.</span>
      ) : null}
      <button
        type="button"
        onClick={() => {
          act({ kind: "replace", text: base.text, said: "As it was saved. Undo brings it back." });
        }}
      >
        Discard it
      </button>
    </div>
  );
}

interface StandingProperties {
  readonly check: Check;
  readonly opened: Opened;
  readonly drawn: Drawn;
  readonly onDraw: (what: Drawn) => void;
}

/** Whether it is valid, as far as is known; it opens what was found. */
function Standing({ check, opened, drawn, onDraw }: StandingProperties) {
  const broken = opened.bench.outline.problem !== null;
  const [tone, words] = standing(check, broken);
  return (
    <button
      type="button"
      className="standing"
      data-tone={tone}
      aria-expanded={drawn === "findings"}
      aria-busy={!check.current}
      onClick={() => {
        onDraw("findings");
      }}
    >
      {words}
    </button>
  );
}

function standing(check: Check, broken: boolean): readonly [string, string] {
  if (broken) return ["failed", "✕ the text cannot be read"];
  if (check.problem !== null) return ["attention", `! not checked: ${check.problem.message}`];
  if (check.answer === null) return ["idle", check.current ? "nothing to check yet" : "checking…"];
  const count = (severity: Placed["severity"]) =>
    check.answer?.findings.filter((one) => one.severity === severity).length ?? 0;
  const errors = count("error");
  const warnings = count("warning");
  const also = warnings === 0 ? "" : `, ${counted(warnings, "warning")}`;
  if (errors > 0) return ["failed", `✕ ${counted(errors, "error")}${also}`];
  if (warnings > 0) return ["attention", `! ${counted(warnings, "warning")}`];
  return ["succeeded", "✓ valid"];
}
