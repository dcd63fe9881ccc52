import { type SubmitEvent, useState } from "react";

import { lookOf, WORKFLOW_STATES } from "../../model/states";
import { Link } from "../../shell/Link";
import { navigate, type Place, withQuery } from "../../shell/router";

const TEXTS = [
  ["playbook", "Playbook"],
  ["environment", "Environment"],
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
  const go = (changes: Readonly<Record<string, string>>) => {
    navigate(withQuery(place, { ...changes, cursor: "" }));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    go(texts);
  };
  return (
    <form className="filters" onSubmit={submit} aria-label="Filter" role="search">
      <div className="field">
        <label htmlFor="state">State</label>
        <select
          id="state"
          value={place.query.get("state") ?? ""}
          onChange={(event) => {
            go({ state: event.target.value });
          }}
        >
          <option value="">any</option>
          {WORKFLOW_STATES.map((state) => (
            <option key={state} value={state}>
              {lookOf(state).word}
            </option>
          ))}
        </select>
      </div>
      {TEXTS.map(([name, title]) => (
        <div className="field" key={name}>
          <label htmlFor={name}>{title}</label>
          <input
            id={name}
            value={texts[name] ?? ""}
            onChange={(event) => {
              setTexts({ ...texts, [name]: event.target.value });
            }}
          />
        </div>
      ))}
      <div className="field">
        <label htmlFor="since">Made in</label>
        <select
          id="since"
          value={place.query.get("since") ?? ""}
          onChange={(event) => {
            go({ since: event.target.value });
          }}
        >
          {SPANS.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <button type="submit">Filter</button>
      {place.query.size === 0 ? null : <Link to="/workflows">Clear</Link>}
    </form>
  );
}
