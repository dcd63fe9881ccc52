import { memo } from "react";

import type { ListGrammar } from "../../builder/grammar";
import { idOf, type StepList, type StepNode, walk } from "../../builder/outline";
import type { Path } from "../../builder/source";
import { KindMark } from "./KindMark";
import { isBranch } from "./places";
import { counted, inWords } from "./words";

/** How many findings there are at a step itself. */
export interface Marked {
  readonly errors: number;
  readonly warnings: number;
}

/** What all cards have in common. */
export interface View {
  readonly readOnly: boolean;
  /** Steps whose lists are folded away, by their keys. */
  readonly closed: ReadonlySet<string>;
  /** Of several chosen steps all; of one alone nothing. */
  readonly several: ReadonlySet<string>;
  /** What fits what is searched for. */
  readonly found: ReadonlySet<string>;
  readonly marks: ReadonlyMap<string, Marked>;
}

/** Kinds that a card shows by what it is, without a word. */
const PLAIN = new Set(["command", "branch"]);

/** What is chosen in a part of the tree: nothing, if that lies elsewhere. */
export function within(chosen: string | null, id: string): string | null {
  return chosen === id || chosen?.startsWith(`${id}/`) === true ? chosen : null;
}

interface CardProperties {
  readonly node: StepNode;
  readonly level: number;
  /** `2 of 5`, to be heard. */
  readonly place: string;
  readonly chosen: string | null;
  readonly view: View;
}

/** A step, or a branch, with the steps that are in it. Clicks and keys are the tree's. */
export const StepCard = memo(function StepCard({
  node,
  level,
  place,
  chosen,
  view,
}: CardProperties) {
  const marked = view.marks.get(node.id);
  const closed = view.closed.has(node.key);
  const holds = node.lists.length > 0;
  const selected = chosen === node.id;
  return (
    <div
      className="step-card"
      role="treeitem"
      aria-label={nameOf(node, place, marked)}
      aria-level={level}
      aria-selected={selected || view.several.has(node.id)}
      aria-expanded={holds ? !closed : undefined}
      tabIndex={selected ? 0 : -1}
      draggable={!view.readOnly}
      data-id={node.id}
      data-node={JSON.stringify(node.path)}
      data-kind={node.kind}
      data-found={view.found.has(node.id) ? "" : undefined}
    >
      <div className="card-head">
        {holds ? (
          <button
            type="button"
            className="plain"
            data-fold={node.key}
            tabIndex={-1}
            aria-label={closed ? `Unfold ${node.title}` : `Fold ${node.title}`}
          >
            {closed ? "▸" : "▾"}
          </button>
        ) : (
          <KindMark kind={node.kind} />
        )}
        <span className="card-says">
          <Title node={node} />
          {node.label === null && PLAIN.has(node.kind) ? null : (
            <span className="tag">{node.label ?? node.kind}</span>
          )}
          {marked === undefined ? null : <Flag marked={marked} />}
        </span>
        {view.readOnly ? null : (
          <button
            type="button"
            className="plain card-menu"
            data-menu=""
            tabIndex={-1}
            aria-label={`What can be done with ${node.title}`}
            aria-haspopup="menu"
          >
            ⋯
          </button>
        )}
      </div>
      {node.summary !== "" && node.summary !== node.title ? (
        <code className="card-call">{node.summary}</code>
      ) : null}
      {node.shared ? <span className="soft">Written elsewhere, under an anchor.</span> : null}
      {node.malformed ? <span className="wrong">This is no step; mend it in the text.</span> : null}
      {closed ? <Folded node={node} /> : null}
      {closed ? null : <Lanes node={node} level={level} chosen={chosen} view={view} />}
      {selected && !view.readOnly && view.several.size === 0 ? (
        <Chips path={node.path} absent={node.absent} />
      ) : null}
    </div>
  );
});

/** Its name, or else what it calls. */
function Title({ node }: { node: StepNode }) {
  const Kind = node.name === null && node.summary !== "" ? "code" : "span";
  return (
    <Kind className="card-title" title={node.title}>
      {node.title}
    </Kind>
  );
}

/** What is folded away, in numbers. */
function Folded({ node }: { node: StepNode }) {
  const count = [...walk(node.lists)].filter((one) => one.kind !== "branch").length;
  return <span className="soft">{counted(count, "step")} folded away</span>;
}

function nameOf(node: StepNode, place: string, marked: Marked | undefined): string {
  const parts = [node.title, node.label ?? node.kind, place];
  if (marked !== undefined) parts.push(spoken(marked));
  return parts.join(", ");
}

function spoken({ errors, warnings }: Marked): string {
  if (errors > 0) return errors === 1 ? "1 error" : `${errors} errors`;
  return warnings === 1 ? "1 warning" : `${warnings} warnings`;
}

function Flag({ marked }: { marked: Marked }) {
  return (
    <span className="flag" data-tone={marked.errors > 0 ? "failed" : "attention"}>
      {marked.errors > 0 ? "✕" : "!"} {spoken(marked)}
    </span>
  );
}

interface LanesProperties {
  readonly node: StepNode;
  readonly level: number;
  readonly chosen: string | null;
  readonly view: View;
}

function Lanes({ node, level, chosen, view }: LanesProperties) {
  if (node.lists.length === 0) return null;
  return (
    <div role="group" className="lanes">
      {node.lists.map((list) => (
        <Lane
          key={list.key}
          list={list}
          level={level + 1}
          of={node.title}
          chosen={within(chosen, idOf(list.path))}
          view={view}
        />
      ))}
    </div>
  );
}

interface LaneProperties {
  readonly list: StepList;
  readonly level: number;
  readonly of: string;
  readonly chosen: string | null;
  readonly view: View;
}

/** A list of steps, or the branches of a parallel step, with its name. */
export const Lane = memo(function Lane({ list, level, of, chosen, view }: LaneProperties) {
  const id = idOf(list.path);
  const { steps } = list;
  const beside = list.of === "branch";
  const selected = chosen === id;
  const what = `${steps.length} ${beside ? "branch" : "step"}${steps.length === 1 ? "" : beside ? "es" : "s"}`;
  return (
    <div
      className="lane"
      role="treeitem"
      aria-label={`${inWords(list.key)} of ${of}, ${what}`}
      aria-level={level}
      aria-selected={selected}
      aria-expanded={steps.length > 0 ? true : undefined}
      tabIndex={selected ? 0 : -1}
      data-id={id}
      data-lane={JSON.stringify(list.path)}
      data-role={list.handler ? "handler" : list.key}
    >
      <div className={isBranch(list.path.slice(0, -1)) ? "lane-head slim" : "lane-head"}>
        <span className="label">{inWords(list.key)}</span>
        {steps.length > 5 ? <span className="soft">{what}</span> : null}
      </div>
      <div
        className="lane-body"
        role="group"
        data-list={JSON.stringify(list.path)}
        data-of={list.of}
        data-beside={beside}
      >
        {steps.map((step, index) => (
          <StepCard
            key={step.id}
            node={step}
            level={level + 1}
            place={`${index + 1} of ${steps.length}`}
            chosen={within(chosen, step.id)}
            view={view}
          />
        ))}
        {steps.length === 0 && !beside ? (
          <span className="lane-empty">
            {view.readOnly ? "no steps" : "Drop a step here, or choose this and then a step"}
          </span>
        ) : null}
        {beside && !view.readOnly ? (
          <button type="button" className="lane-add" data-branch="" tabIndex={-1}>
            Add a branch
          </button>
        ) : null}
      </div>
    </div>
  );
});

/** Lists that the chosen step could have: a click, or something dropped on one, makes it. */
export function Chips({ path, absent }: { path: Path; absent: readonly ListGrammar[] }) {
  if (absent.length === 0) return null;
  return (
    <div className="chips">
      {absent.map((one) => (
        <button
          key={one.key}
          type="button"
          tabIndex={-1}
          title={one.description}
          data-handler={one.key}
          data-list={JSON.stringify([...path, one.key])}
          data-of={one.of}
        >
          + {inWords(one.key)}
        </button>
      ))}
    </div>
  );
}
