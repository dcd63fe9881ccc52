import { useId, useState } from "react";

import { act, address, onceKey, read } from "../../api/client";
import { Problem } from "../../api/problem";
import type { DryRun, Json, RunForm, Workflow } from "../../api/types";
import { EnvironmentSelect } from "../../components/EnvironmentSelect";
import { Check, ValueFields } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Failed } from "../../components/notices";
import { useResource } from "../../components/useResource";
import { objection, type Texts, texts, values } from "../../model/form";
import { navigate } from "../../shell/router";
import { Rehearsal } from "./Rehearsal";

/** The form with which a playbook is run: first as a dry run, then in earnest. */
export function RunPanel({ name }: { name: string }) {
  const [environment, setEnvironment] = useState("");
  const where = address(["playbooks", name, "form"], { environment });
  const form = useResource(where, (signal) => read<RunForm>(where, signal));
  return (
    <Listing
      title="Run it"
      what="the form"
      found={form}
      isEmpty={() => false}
      empty={null}
      actions={<EnvironmentSelect value={environment} onChange={setEnvironment} />}
    >
      {(found) => <Form key={where} name={name} environment={environment} form={found} />}
    </Listing>
  );
}

interface Properties {
  readonly name: string;
  readonly environment: string;
  readonly form: RunForm;
}

/** What was rehearsed, and the answer: only that is run. */
interface Rehearsed {
  readonly body: string;
  readonly result: DryRun;
}

function Form({ name, environment, form }: Properties) {
  const id = useId();
  const fields = form.parameters.filter((one) => one.name !== "environment");
  const [given, setGiven] = useState<Texts>(() => texts(fields, form.given));
  const [tried, setTried] = useState(false);
  const [parallel, setParallel] = useState(false);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Problem | null>(null);
  const [rehearsed, setRehearsed] = useState<Rehearsed | null>(null);
  const [once, setOnce] = useState(onceKey);
  const wrong = fields.some((one) => objection(one, given[one.name] ?? "") !== "");
  const body = bodyOf(environment, values(fields, given), parallel);
  const text = JSON.stringify(body);
  const current = rehearsed?.body === text ? rehearsed.result : null;

  const send = (then: () => Promise<void>) => {
    setTried(true);
    if (wrong) return;
    setBusy(true);
    setError(null);
    then()
      .catch((reason: unknown) => {
        setError(Problem.of(reason));
      })
      .finally(() => {
        setBusy(false);
      });
  };
  const rehearse = async () => {
    const result = await act<DryRun>("POST", address(["playbooks", name, "dry-run"]), body);
    if (result !== null) setRehearsed({ body: text, result });
    setOnce(onceKey());
  };
  const run = async () => {
    const asked = { playbook: name, ...body, ...(form.protected ? { yes: sure } : {}) };
    const made = await act<Workflow>("POST", address(["workflows"]), asked, {
      "idempotency-key": once,
    });
    if (made !== null) navigate(`/workflows/${made.id}`);
  };
  return (
    <form
      className="inside stack"
      onSubmit={(event) => {
        event.preventDefault();
        send(rehearse);
      }}
    >
      {fields.length === 0 ? (
        <p className="soft">It takes no parameters.</p>
      ) : (
        <ValueFields
          name={id}
          fields={fields.map((one) => told(one, form))}
          texts={given}
          onChange={setGiven}
          tried={tried}
        />
      )}
      <Check checked={parallel} onChange={setParallel}>
        Steps may run at once where the playbook allows it
      </Check>
      {form.protected ? (
        <Check checked={sure} onChange={setSure}>
          This environment is protected: I mean it
        </Check>
      ) : null}
      {error === null ? null : <Failed error={error} slim />}
      {current === null ? null : <Rehearsal result={current} />}
      <Buttons
        busy={busy}
        rehearsed={current !== null}
        ready={current?.can_run === true && (!form.protected || sure)}
        onRun={() => {
          send(run);
        }}
      />
    </form>
  );
}

interface ButtonsProperties {
  readonly busy: boolean;
  readonly rehearsed: boolean;
  readonly ready: boolean;
  readonly onRun: () => void;
}

/** The field, with where its value comes from. */
function told(field: RunForm["parameters"][number], form: RunForm): typeof field {
  if (!(field.name in form.given)) return field;
  const from = "given by the environment";
  const before = field.description ?? "";
  return { ...field, description: before === "" ? from : `${before} · ${from}` };
}

/** First the dry run, then the run: what was rehearsed is what is run. */
function Buttons({ busy, rehearsed, ready, onRun }: ButtonsProperties) {
  return (
    <div className="buttons">
      <button type="submit" className={rehearsed ? "" : "first"} disabled={busy}>
        {busy ? "Asking the server…" : "Dry run"}
      </button>
      <button
        type="button"
        className={rehearsed ? "first" : ""}
        disabled={busy || !ready}
        onClick={onRun}
      >
        Run it
      </button>
      {rehearsed ? null : (
        <span className="soft">A dry run shows what would happen; then it can be run.</span>
      )}
    </div>
  );
}

function bodyOf(
  environment: string,
  parameters: Readonly<Record<string, Json>>,
  parallel: boolean,
): Readonly<Record<string, unknown>> {
  return {
    parameters,
    ...(environment === "" ? {} : { environment }),
    ...(parallel ? { parallel } : {}),
  };
}
