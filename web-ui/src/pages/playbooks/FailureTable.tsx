import "../../design/graph.css";
import "../../design/matrix.css";

import { useState } from "react";

import type { FailureMatrix, Outcome } from "../../api/rehearsals";
import { Empty } from "../../components/notices";
import { StateBadge, StateMark } from "../../components/StateBadge";
import { lookOf } from "../../model/states";
import { StepPath } from "./StepPath";
import {
  countOf,
  type Filter,
  FILTERS,
  fits,
  leftOver,
  type MatrixRow,
  mishapInWords,
  mishapsIn,
  rowsFor,
  rulesBroken,
} from "./failures";

/** So many rows are shown at first. */
const MOST = 150;

interface Properties {
  readonly matrix: FailureMatrix;
  /** Leads to a step, where that is on the page, too. */
  readonly onGo?: (path: string) => void;
}

/** Of every step, what comes of everything that can happen to it; one outcome in full. */
export function FailureTable({ matrix, onGo }: Properties) {
  const [filter, setFilter] = useState<Filter>("all");
  const [chosen, setChosen] = useState<Outcome | null>(null);
  const [all, setAll] = useState(false);
  const mishaps = mishapsIn(matrix);
  const rows = rowsFor(matrix, filter);
  const shown = all ? rows : rows.slice(0, MOST);
  return (
    <>
      <Bounds matrix={matrix} />
      <div className="graphtools" role="group" aria-label="Show">
        {(Object.keys(FILTERS) as Filter[])
          .filter((one) => one !== "broken" || matrix.rules.length > 0)
          .map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === filter}
              onClick={() => {
                setFilter(one);
                setChosen(null);
              }}
            >
              {FILTERS[one]} ({countOf(matrix, one)})
            </button>
          ))}
      </div>
      {rows.length === 0 ? (
        <Empty
          title={filter === "all" ? "There is nothing that could fail" : "Nothing is like that"}
        />
      ) : (
        // Wide tables are scrolled with the keyboard, too.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="scrolled" role="region" aria-label="Failure matrix" tabIndex={0}>
          <table className="matrix">
            <thead>
              <tr>
                <th>If at this step</th>
                {mishaps.map((one) => (
                  <th key={one}>{mishapInWords(one)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, index) => (
                <Row
                  key={`${index} ${row.step.path}`}
                  row={row}
                  mishaps={mishaps}
                  filter={filter}
                  matrix={matrix}
                  chosen={chosen}
                  onChoose={setChosen}
                  onGo={onGo}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length < rows.length ? (
        <p className="inside">
          <button
            type="button"
            onClick={() => {
              setAll(true);
            }}
          >
            Show {rows.length - shown.length} more steps
          </button>
        </p>
      ) : null}
    </>
  );
}

interface RowProperties {
  readonly row: MatrixRow;
  readonly mishaps: readonly string[];
  readonly filter: Filter;
  readonly matrix: FailureMatrix;
  readonly chosen: Outcome | null;
  readonly onChoose: (outcome: Outcome | null) => void;
  readonly onGo: ((path: string) => void) | undefined;
}

function Row({ row, mishaps, filter, matrix, chosen, onChoose, onGo }: RowProperties) {
  const { step, cells } = row;
  return (
    <>
      <tr>
        <th scope="row">
          <StepPath path={step.path} onGo={onGo} />
          {step.when === null ? null : <div className="soft">if {step.when}</div>}
        </th>
        {mishaps.map((mishap) => (
          <td key={mishap}>
            {(cells.get(mishap) ?? []).map((one) => (
              <Cell
                key={one.of}
                outcome={one}
                faint={!fits(one, filter, matrix)}
                open={one === chosen}
                onOpen={() => {
                  onChoose(one === chosen ? null : one);
                }}
              />
            ))}
          </td>
        ))}
      </tr>
      {chosen !== null && step.outcomes.includes(chosen) ? (
        <tr className="detail">
          <td colSpan={mishaps.length + 1}>
            <InFull outcome={chosen} matrix={matrix} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** What a reader must know: what was not reached, where this was cut short, which rules hold. */
function Bounds({ matrix }: { matrix: FailureMatrix }) {
  return (
    <>
      {matrix.bounded || matrix.notes.length > 0 ? (
        <div className="notice attention slim">
          {matrix.bounded ? (
            <p>
              <strong>Not every step was rehearsed:</strong> this playbook is too large for that.
            </p>
          ) : null}
          {matrix.notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </div>
      ) : null}
      {matrix.rules.map(({ rule, holds, note }) => (
        <div key={rule} className={holds ? "notice good slim" : "notice failed slim"}>
          <p>
            The rule <code>{rule}</code> {holds ? "holds" : "is broken"}
            {note === null ? "." : `: ${note}.`}
          </p>
        </div>
      ))}
    </>
  );
}

interface CellProperties {
  readonly outcome: Outcome;
  /** It is not what is asked for. */
  readonly faint: boolean;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function Cell({ outcome, faint, open, onOpen }: CellProperties) {
  const look = lookOf(outcome.state);
  const left = leftOver(outcome).length;
  return (
    <button
      type="button"
      className={faint ? "cell faint" : "cell"}
      data-tone={look.tone}
      aria-expanded={open}
      onClick={onOpen}
    >
      <span className="hidden">
        {outcome.path}, {mishapInWords(outcome.mishap)}:{" "}
      </span>
      <StateMark state={outcome.state} />
      {look.word}
      {outcome.of === null ? null : <span className="soft">· {outcome.of}</span>}
      {left > 0 && outcome.state !== "succeeded" ? (
        <span className="soft">· {left} left</span>
      ) : null}
    </button>
  );
}

function InFull({ outcome, matrix }: { outcome: Outcome; matrix: FailureMatrix }) {
  const { resume } = outcome;
  return (
    <dl className="facts">
      <dt>If</dt>
      <dd>
        at <strong>{outcome.path}</strong> {mishapInWords(outcome.mishap)}
        {outcome.of === null ? "" : ` (${outcome.of})`}
      </dd>
      <dt>It ends</dt>
      <dd>
        <StateBadge state={outcome.state} />
        {outcome.owner === "lost" ? " once somebody resumes it; until then nobody runs it" : ""}
      </dd>
      {rulesBroken(outcome, matrix).map((one) => (
        <Fact key={one.rule} title={`Breaks ${one.rule}`} items={[one.why]} />
      ))}
      <Fact title="Runs because of it" items={outcome.handlers} none="no handler" />
      <Fact title="Done, not undone" items={outcome.done} />
      <Fact title="Half done" items={outcome.partial} />
      <Fact title="To decide first" items={resume.decide} />
      <Fact title="Resume waits for" items={resume.attaches} />
      <Fact title="Resume runs" items={resume.runs} />
      <Fact title="Resume keeps" items={resume.reuses} />
    </dl>
  );
}

interface FactProperties {
  readonly title: string;
  readonly items: readonly string[];
  readonly none?: string;
}

function Fact({ title, items, none }: FactProperties) {
  if (items.length === 0 && none === undefined) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{items.length === 0 ? none : items.join(", ")}</dd>
    </>
  );
}
