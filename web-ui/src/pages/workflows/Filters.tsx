import { type SubmitEvent, useState } from "react";

import { address, read } from "../../api/client";
import type { Project } from "../../api/types";
import { TextField } from "../../components/fields";
import { Select } from "../../components/Select";
import { useResource } from "../../components/useResource";
import { lookOf, WORKFLOW_STATES } from "../../model/states";
import { Link } from "../../shell/Link";
import { navigate, type Place, withQuery } from "../../shell/router";

const TEXTS = [
  ["playbook", "Playbook"],
  ["label", "Label of a step"],
] as const;

const SPANS = [
  ["", "any time"],
  ["1h", "the last hour"],
  ["1d", "the last day"],
  ["7d", "the last week"],
] as const;

/** What the list is narrowed to. It stands in the address, so that it can be kept and sent. */
export function Filters({ place }: { place: Place }) {
  const key = TEXTS.map(([name]) => place.query.get(name) ?? "").join("\n");
  return <Form key={key} place={place} />;
}

function Form({ place }: { place: Place }) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(TEXTS.map(([name]) => [name, place.query.get(name) ?? ""])),
  );
  const project = useResource("project", (signal) => read<Project>(address(["project"]), signal));
  const environment = place.query.get("environment") ?? "";
  const known = project.value?.environments.map((one) => one.name) ?? [];
  const named = environment === "" || known.includes(environment) ? known : [...known, environment];
  const go = (changes: Readonly<Record<string, string>>) => {
    navigate(withQuery(place, { ...changes, cursor: "" }));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    go(texts);
  };
  return (
    <form className="filters" onSubmit={submit} aria-label="Filter" role="search">
      <Select
        id="state"
        label="State"
        value={place.query.get("state") ?? ""}
        options={[["", "any"], ...WORKFLOW_STATES.map((one) => [one, lookOf(one).word] as const)]}
        onChange={(state) => {
          go({ state });
        }}
      />
      <Select
        id="environment"
        label="Environment"
        value={environment}
        options={[["", "any"], ...named.map((one) => [one, one] as const)]}
        onChange={(chosen) => {
          go({ environment: chosen });
        }}
      />
      {TEXTS.map(([name, title]) => (
        <TextField
          key={name}
          id={name}
          label={title}
          value={texts[name] ?? ""}
          onChange={(text) => {
            setTexts({ ...texts, [name]: text });
          }}
        />
      ))}
      <Select
        id="since"
        label="Made in"
        value={place.query.get("since") ?? ""}
        options={SPANS}
        onChange={(since) => {
          go({ since });
        }}
      />
      <button type="submit">Filter</button>
      {place.query.size === 0 ? null : <Link to="/workflows">Clear</Link>}
    </form>
  );
}
