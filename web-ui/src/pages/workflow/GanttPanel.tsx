import "../../design/graph.css";
import "../../design/gantt.css";

import { useMemo, useRef, useState, type KeyboardEvent, useId } from "react";

import type { WorkflowDetail } from "../../api/types";
import { Failed, Loading } from "../../components/notices";
import { useDragging, useWheel } from "../../graph/gestures";
import { STEP } from "../../graph/sight";
import { inSight } from "../../model/tree";
import {
  around,
  type Bar,
  type Chart,
  chartOf,
  closedAtFirst,
  openRows,
  type Row,
  told,
} from "./gantt";
import { GanttAxis, GanttRow } from "./GanttRow";
import { useGantt } from "./useGantt";
import { usePlot } from "./usePlot";

/** Pixels of a row; design/gantt.css says the same. */
const LINE = 28;
const MOST_LINES = 20;

interface Properties {
  readonly workflow: WorkflowDetail;
  readonly now: number;
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
}

/** When each step ran and what it waited for, live. */
export function GanttPanel({ workflow, now, chosen, onChoose }: Properties) {
  const { chart, error, at, retry } = useGantt(workflow.id, workflow.seq);
  const { playbook, state } = workflow;
  const drawn = useMemo(
    () => (chart === null ? null : chartOf(chart, playbook, state, Math.max(0, now - at))),
    [chart, playbook, state, now, at],
  );
  return (
    <>
      {error === null ? null : <Failed error={error} retry={retry} slim />}
      {drawn === null ? (
        error === null && <Loading what="the chart" />
      ) : (
        <GanttChart chart={drawn} chosen={chosen} onChoose={onChoose} />
      )}
    </>
  );
}

/** A row, and one of its bars or none. */
interface Pointed {
  readonly path: string;
  readonly bar: number;
}

interface ChartProperties {
  readonly chart: Chart;
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
}

function GanttChart({ chart, chosen, onChoose }: ChartProperties) {
  const { rows, closed, turn } = useRows(chart.rows, chosen);
  const element = useRef<HTMLDivElement>(null);
  const name = useId();
  const plot = usePlot(element, chart);
  const [active, setActive] = useState<Pointed | null>(null);
  const [hovered, setHovered] = useState<Pointed | null>(null);
  useWheel(element, plot.zoomAt, nothing);
  useDragging(element, nothing);
  const height = Math.min(rows.length, MOST_LINES) * LINE;
  const [first, end] = inSight(plot.scrolled.y, height, LINE, rows.length);
  const at = rows.findIndex((row) => row.path === (active?.path ?? chosen));

  const go = (to: number, bar = -1) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[index];
    if (row === undefined || element.current === null) return;
    const { scrollTop } = element.current;
    setActive({ path: row.path, bar });
    // The keyboard counts as long as the pointer rests.
    setHovered(null);
    const top = Math.max(Math.min(scrollTop, index * LINE), (index + 1) * LINE - height);
    element.current.scrollTo({ top });
    const shown = row.bars[bar];
    if (shown !== undefined) plot.reveal(shown);
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    const here = { at, bar: active?.bar ?? -1, row, rows, open: isOpen(row, closed) };
    if (pressed(event.key, { ...here, go, turn, plot, onChoose })) event.preventDefault();
  };

  return (
    <div className="gantt">
      <Tools chart={chart} plot={plot} />
      <div
        ref={element}
        className="chart"
        role="tree"
        aria-label="Chart of the steps over time"
        tabIndex={0}
        aria-activedescendant={at >= first && at < end ? `${name}-${at}` : undefined}
        style={{ height: height + LINE + 2 }}
        onKeyDown={press}
      >
        <div
          role="none"
          className="plot"
          style={{ width: plot.whole, height: (rows.length + 1) * LINE }}
        >
          <GanttAxis plot={plot} />
          {rows.slice(first, end).map((row, index) => (
            <GanttRow
              key={`${row.path} ${row.start}`}
              id={`${name}-${first + index}`}
              row={row}
              top={(first + index + 1) * LINE}
              closed={closed.has(row.path)}
              onTurn={() => {
                turn(row.path);
              }}
              plot={plot}
              selected={row.path !== "" && row.path === chosen}
              active={first + index === at}
              bar={first + index === at ? (active?.bar ?? -1) : -1}
              onSelect={() => {
                setActive({ path: row.path, bar: -1 });
                if (row.path !== "") onChoose(row.path);
              }}
              onHover={(bar) => {
                setHovered(bar === null ? null : { path: row.path, bar });
              }}
            />
          ))}
        </div>
      </div>
      <Readout rows={rows} pointed={hovered ?? active} />
    </div>
  );
}

/** Where the row is in which another lies: the whole, at last. */
function parentOf(rows: readonly Row[], row: Row): number {
  const [parent = ""] = around(rows, row.path);
  return rows.findIndex((one) => one.path === parent);
}

/** Whether what is in a row is shown; null: there is nothing in it, or it is the whole. */
function isOpen(row: Row | undefined, closed: ReadonlySet<string>): boolean | null {
  return row === undefined || row.path === "" || row.inner === 0 ? null : !closed.has(row.path);
}

/** The rows that are shown, and which of them are closed. What is chosen is never hidden. */
function useRows(rows: readonly Row[], chosen: string | null) {
  const [closed, setClosed] = useState(() => without(closedAtFirst(rows), rows, chosen));
  const [seen, setSeen] = useState(chosen);
  if (seen !== chosen) {
    setSeen(chosen);
    setClosed(without(closed, rows, chosen));
  }
  const turn = (path: string) => {
    const after = new Set(closed);
    if (!after.delete(path)) after.add(path);
    setClosed(after);
  };
  return { rows: useMemo(() => openRows(rows, closed), [rows, closed]), closed, turn };
}

function without(
  closed: ReadonlySet<string>,
  rows: readonly Row[],
  chosen: string | null,
): ReadonlySet<string> {
  const way = new Set(chosen === null ? [] : around(rows, chosen));
  return new Set([...closed].filter((path) => !way.has(path)));
}

function nothing(): void {
  // The chart does not go by itself, so nobody has to be told that a person moved it.
}

function Tools({ chart, plot }: { chart: Chart; plot: ReturnType<typeof usePlot> }) {
  return (
    <div className="graphtools">
      <span className="group">
        <button
          type="button"
          aria-label="Less of the time axis"
          disabled={plot.zoom <= 1}
          onClick={() => {
            plot.zoomBy(1 / STEP);
          }}
        >
          −
        </button>
        <button
          type="button"
          aria-label="More of the time axis"
          onClick={() => {
            plot.zoomBy(STEP);
          }}
        >
          +
        </button>
        <button type="button" onClick={plot.fit}>
          Fit
        </button>
      </span>
      <span className="legend" aria-hidden="true">
        <i className="bar" data-tone="succeeded" /> ran
        <i className="bar" data-tone="failed" /> failed
        <i className="bar wait" data-tone="waiting" /> waited
        <span className="critical">◆</span> on the critical path
      </span>
      {chart.hidden === 0 ? null : (
        <span className="soft">
          The {chart.rows.length - 1} longest; {chart.hidden} shorter ones are left out.
        </span>
      )}
    </div>
  );
}

/** What the pointer or the keyboard is at, with its exact times. */
function Readout({ rows, pointed }: { rows: readonly Row[]; pointed: Pointed | null }) {
  const row = pointed === null ? undefined : rows.find((one) => one.path === pointed.path);
  const bar: Bar | undefined = row?.bars[pointed?.bar ?? -1];
  return (
    <div className="readout" role="status">
      {row === undefined ? (
        <span className="soft">
          Point at a bar, or go there with the arrow keys, for its times.
        </span>
      ) : (
        <>
          <strong>{row.path === "" ? row.name : row.path}</strong>{" "}
          {bar === undefined
            ? told(row.status.replaceAll("_", " "), row, row.lasts)
            : told(bar.about, bar, bar.lasts)}
          {row.critical ? " · on the critical path" : ""}
        </>
      )}
    </div>
  );
}

interface Keyboard {
  readonly at: number;
  readonly bar: number;
  readonly row: Row | undefined;
  readonly rows: readonly Row[];
  /** Whether what is in the row is shown; null: there is nothing in it. */
  readonly open: boolean | null;
  readonly go: (to: number, bar?: number) => void;
  readonly turn: (path: string) => void;
  readonly plot: ReturnType<typeof usePlot>;
  readonly onChoose: (path: string) => void;
}

/**
 * What a key does: up and down the rows, left and right through the bars of one; to the left of
 * them it closes the row, and then leads to what that is in.
 */
function pressed(key: string, keyboard: Keyboard): boolean {
  const { at, bar, row, rows, open, go, turn, plot, onChoose } = keyboard;
  if (key === "ArrowDown") go(at + 1);
  else if (key === "ArrowUp") go(at - 1);
  else if (key === "Home") go(0);
  else if (key === "End") go(rows.length - 1);
  else if (key === "PageDown") go(at + MOST_LINES);
  else if (key === "PageUp") go(at - MOST_LINES);
  else if (key === "ArrowRight" && row !== undefined && open === false) turn(row.path);
  else if (key === "ArrowRight" && row !== undefined)
    go(at, Math.min(row.bars.length - 1, bar + 1));
  else if (key === "ArrowLeft" && bar >= 0) go(at, bar - 1);
  else if (key === "ArrowLeft" && row !== undefined && open === true) turn(row.path);
  else if (key === "ArrowLeft" && row !== undefined) go(parentOf(rows, row));
  else if (key === "+" || key === "=") plot.zoomBy(STEP);
  else if (key === "-") plot.zoomBy(1 / STEP);
  else if (key === "0") plot.fit();
  else if ((key === "Enter" || key === " ") && row !== undefined && row.path !== "")
    onChoose(row.path);
  else return false;
  return true;
}
