import { useState } from "react";

import { act, address, read } from "../../api/client";
import type { ScheduleDetail } from "../../api/project";
import { useMay } from "../../api/session";
import type { Page, PlaybookEntry, Project, RunForm, Schedule } from "../../api/types";
import { Check, TextField, ValueFields } from "../../components/fields";
import { Failed, Loading } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { Select } from "../../components/Select";
import { type Resource, useResource } from "../../components/useResource";
import { objection, type Texts, texts } from "../../model/form";
import { Link } from "../../shell/Link";
import { navigate } from "../../shell/router";
import { Coming } from "./Coming";
import { BLANK, bodyOf, type Draft, draftOf, jitterObjection } from "./draft";
import { Policies } from "./Policies";
import { zones } from "./zones";

/** A schedule that is made (`name` is null) or changed. */
export function ScheduleEditor({ name }: { name: string | null }) {
  const where = name === null ? null : address(["schedules", name]);
  const found = useResource(where, (signal) => read<ScheduleDetail>(where ?? "", signal));
  const admin = useMay("admin");
  const title = name === null ? "New schedule" : `Change ${name}`;
  return (
    <>
      <PageHead title={title} trail={<Link to="/schedules">Schedules</Link>} />
      {!admin ? (
        <section className="panel">
          <div className="notice">
            <p>
              This token may not change schedules: that takes the scope <code>admin</code>.
            </p>
          </div>
        </section>
      ) : found.error !== null ? (
        <section className="panel">
          <Failed error={found.error} retry={found.reload} />
        </section>
      ) : name !== null && found.value === null ? (
        <Loading what={name} />
      ) : (
        <Form key={name ?? ""} before={found.value} />
      )}
    </>
  );
}

function Form({ before }: { before: Schedule | null }) {
  const [draft, setDraft] = useState<Draft>(before === null ? startingDraft : draftOf(before));
  const change = (part: Partial<Draft>) => {
    setDraft((was) => ({ ...was, ...part }));
  };
  const library = useLibrary();
  const where = address(["playbooks", draft.playbook, "form"], { environment: draft.environment });
  const chosen = library.value?.items.some((one) => one.name === draft.playbook && one.valid);
  const form = useResource(chosen === true ? where : null, (signal) =>
    read<RunForm>(where, signal),
  );
  return (
    <div className="columns">
      <section className="panel" aria-label="The schedule">
        <div className="inside stack">
          <Basics draft={draft} change={change} existing={before !== null} library={library} />
          <Policies draft={draft} change={change} />
          {form.error === null ? null : <Failed error={form.error} slim />}
          {form.value === null ? null : (
            <Rest key={where} before={before} draft={draft} change={change} form={form.value} />
          )}
          {draft.playbook === "" ? <p className="soft">Choose a playbook to go on.</p> : null}
        </div>
      </section>
      <section className="panel" aria-label="Next slots">
        <header>
          <h2>Next slots</h2>
        </header>
        <div className="inside">
          <Coming cron={draft.cron} zone={draft.zone} dst={draft.dst} />
        </div>
      </section>
    </div>
  );
}

/** All playbooks, to choose from. */
function useLibrary() {
  const books = address(["playbooks"], { limit: 500 });
  return useResource(books, (signal) => read<Page<PlaybookEntry>>(books, signal));
}

interface BasicsProperties {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly existing: boolean;
  readonly library: Resource<Page<PlaybookEntry>>;
}

/** What is started, where and when. */
function Basics({ draft, change, existing, library }: BasicsProperties) {
  const project = useResource("project", (signal) => read<Project>(address(["project"]), signal));
  const environments = project.value?.environments.map((one) => one.name) ?? [];
  return (
    <div className="fields">
      <Select
        id="playbook"
        label="Playbook"
        value={draft.playbook}
        options={[
          ["", "choose one"],
          ...(library.value?.items ?? [])
            .filter((one) => one.valid || one.name === draft.playbook)
            .map((one) => [one.name, one.name] as const),
        ]}
        onChange={(playbook) => {
          change({ playbook });
        }}
      />
      <Select
        id="environment"
        label="Environment"
        value={draft.environment}
        options={[["", "as the playbook says"], ...environments.map((o) => [o, o] as const)]}
        onChange={(environment) => {
          change({ environment });
        }}
      />
      <TextField
        id="name"
        label="Name"
        hint={!existing ? "Empty: as the playbook." : "A schedule keeps its name."}
        value={draft.name}
        disabled={existing}
        onChange={(name) => {
          change({ name });
        }}
      />
      <TextField
        id="cron"
        label="When (cron)"
        hint="minute hour day month weekday, or @daily, @weekly, …"
        value={draft.cron}
        onChange={(cron) => {
          change({ cron });
        }}
      />
      <TextField
        id="zone"
        label="Time zone"
        hint="Empty: that of the server."
        list={zones()}
        value={draft.zone}
        onChange={(zone) => {
          change({ zone });
        }}
      />
    </div>
  );
}

/** What the address asks for: a schedule of one playbook. */
function startingDraft(): Draft {
  const asked = new URLSearchParams(window.location.search).get("playbook") ?? "";
  return { ...BLANK, playbook: asked };
}

interface RestProperties {
  readonly before: Schedule | null;
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly form: RunForm;
}

/** The playbook's own values, and the button. */
function Rest({ before, draft, change, form }: RestProperties) {
  const fields = form.parameters.filter((one) => one.name !== "environment" && one.secret !== true);
  const [given, setGiven] = useState<Texts>(() => texts(fields, before?.parameters ?? {}));
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const optional = fields.map((one) =>
    one.name in form.given ? { ...one, required: false } : one,
  );
  const wrong =
    optional.some((one) => objection(one, given[one.name] ?? "") !== "") ||
    jitterObjection(draft.jitter) !== "" ||
    draft.cron.trim() === "" ||
    (form.protected && !sure);
  const save = () => {
    const body = bodyOf(draft, optional, given, { existing: before !== null, yes: sure });
    setBusy(true);
    setError(null);
    act<Schedule>("POST", address(["schedules"]), body).then(
      (kept) => {
        navigate(`/schedules/${encodeURIComponent(kept?.name ?? draft.playbook)}`);
      },
      (reason: unknown) => {
        setError(reason);
        setBusy(false);
      },
    );
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <h3>Parameters</h3>
      {optional.length === 0 ? (
        <p className="soft">It takes none that could be given here.</p>
      ) : null}
      <ValueFields name="value" fields={optional} texts={given} onChange={setGiven} tried />
      {Object.keys(form.given).length === 0 ? null : (
        <p className="soft">
          The environment&apos;s file gives {Object.keys(form.given).join(", ")}, which wins over
          what stands here.
        </p>
      )}
      {before === null ? (
        <Check
          checked={draft.enabled}
          onChange={(enabled) => {
            change({ enabled });
          }}
        >
          Enable it at once
        </Check>
      ) : null}
      {form.protected ? (
        <Check checked={sure} onChange={setSure}>
          This environment is protected: I mean it
        </Check>
      ) : null}
      {error === null ? null : <Failed error={error} slim />}
      <div className="buttons">
        <button type="submit" className="first" disabled={busy || wrong}>
          {busy
            ? "Asking the server…"
            : before === null
              ? "Create the schedule"
              : "Save the change"}
        </button>
        <Link to={before === null ? "/schedules" : `/schedules/${encodeURIComponent(before.name)}`}>
          Leave it
        </Link>
      </div>
    </form>
  );
}
