import "../../design/graph.css";
import "../../design/gantt.css";

import { useMemo, useRef, useState, type KeyboardEvent, useId } from "react";

import type { WorkflowDetail } from "../../api/types";
import { Failed, Loading } from "../../components/notices";
import { useDragging, useWheel } from "../../graph/gestures";
import { STEP } from "../../graph/sight";
import { inSight } from "../../model/tree";
import { type Bar, type Chart, chartOf, type Row, told } from "./gantt";
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
  const { rows } = chart;
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
  const pointed = hovered ?? active;

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
    const bar = active?.bar ?? -1;
    const row = rows[at];
    if (pressed(event.key, { at, bar, row, last: rows.length - 1, go, plot, onChoose })) {
      event.preventDefault();
    }
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
      <Readout rows={rows} pointed={pointed} />
    </div>
  );
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
  readonly last: number;
  readonly go: (to: number, bar?: number) => void;
  readonly plot: ReturnType<typeof usePlot>;
  readonly onChoose: (path: string) => void;
}

/** What a key does: up and down the rows, left and right through the bars of one. */
function pressed(key: string, { at, bar, row, last, go, plot, onChoose }: Keyboard): boolean {
  if (key === "ArrowDown") go(at + 1);
  else if (key === "ArrowUp") go(at - 1);
  else if (key === "Home") go(0);
  else if (key === "End") go(last);
  else if (key === "PageDown") go(at + MOST_LINES);
  else if (key === "PageUp") go(at - MOST_LINES);
  else if (key === "ArrowRight" && row !== undefined)
    go(at, Math.min(row.bars.length - 1, bar + 1));
  else if (key === "ArrowLeft" && row !== undefined) go(at, Math.max(-1, bar - 1));
  else if (key === "+" || key === "=") plot.zoomBy(STEP);
  else if (key === "-") plot.zoomBy(1 / STEP);
  else if (key === "0") plot.fit();
  else if ((key === "Enter" || key === " ") && row !== undefined && row.path !== "")
    onChoose(row.path);
  else return false;
  return true;
}
