import { StateMark } from "../../components/StateBadge";
import { lookOf } from "../../model/states";
import { duration } from "../../model/times";
import { type Bar, type Row, ticks, told, visibleBars } from "./gantt";
import type { Plot } from "./usePlot";

interface Properties {
  readonly id: string;
  readonly row: Row;
  readonly top: number;
  readonly plot: Plot;
  readonly selected: boolean;
  readonly active: boolean;
  /** What is in it is not shown. */
  readonly closed: boolean;
  readonly onTurn: () => void;
  /** The bar that the keyboard is at; -1 for none. */
  readonly bar: number;
  readonly onSelect: () => void;
  /** The pointer is at a bar (or at the row, -1), or went away. */
  readonly onHover: (bar: number | null) => void;
}

/** One step over time: its name, its attempts and waits, how long it took. */
export function GanttRow(properties: Properties) {
  const { id, row, top, plot, selected, active, closed, bar, onSelect, onHover } = properties;
  const holds = row.inner > 0 && row.path !== "";
  const kinds = ["ganttrow", active ? "active" : "", row.critical ? "critical" : ""];
  const [from, to] = [plot.x(row.start), plot.x(row.end)];
  return (
    // The keyboard is the chart's, which keeps the focus and says which row is meant.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      className={kinds.filter(Boolean).join(" ")}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={holds ? !closed : undefined}
      style={{ top }}
      onClick={onSelect}
      onPointerEnter={() => {
        onHover(-1);
      }}
      onPointerLeave={() => {
        onHover(null);
      }}
    >
      <span className="label" style={{ width: plot.left }} title={row.path}>
        <span
          style={{ paddingLeft: row.depth * (plot.left < 200 ? 4 : 12) }}
          data-tone={lookOf(row.status).tone}
        >
          <StateMark state={row.status} />
        </span>
        <Twist row={row} closed={closed} onTurn={properties.onTurn} />
        <span className="text">{row.name}</span>
        {row.critical ? (
          <span className="critical" aria-hidden="true">
            ◆
          </span>
        ) : null}
      </span>
      <span className="hidden"> {heard(row, closed)}</span>
      {isCovered(row, plot.pixel) ? null : (
        <i
          className={row.bars.length === 0 ? "extent whole" : "extent"}
          data-tone={row.bars.length === 0 ? lookOf(row.status).tone : undefined}
          style={{ left: from, width: Math.max(1, to - from) }}
        />
      )}
      {visibleBars(row.bars, plot.seen, plot.pixel).map((one) => {
        const at = row.bars.indexOf(one);
        return (
          <i
            key={one.start}
            className={classOf(one, at >= 0 && at === bar)}
            data-tone={one.wait === "" ? lookOf(one.what).tone : "waiting"}
            style={{
              left: plot.x(one.start),
              width: Math.max(2, (one.end - one.start) / plot.pixel),
            }}
            onPointerEnter={() => {
              onHover(at);
            }}
            onPointerLeave={() => {
              onHover(-1);
            }}
          />
        );
      })}
      <span className="took soft" aria-hidden="true" style={{ left: to + 6 }}>
        {duration((row.end - row.start) / 1000)}
      </span>
    </div>
  );
}

interface TwistProperties {
  readonly row: Row;
  readonly closed: boolean;
  readonly onTurn: () => void;
}

/** Opens or closes a row that has others in it. */
function Twist({ row, closed, onTurn }: TwistProperties) {
  if (row.inner === 0 || row.path === "") return null;
  return (
    // The keyboard opens and closes with the arrows of the chart.
    <span
      className="twist"
      aria-hidden="true"
      onClick={(event) => {
        event.stopPropagation();
        onTurn();
      }}
    >
      {closed ? "▸" : "▾"}
    </span>
  );
}

/** Whether the bars leave nothing to see of the time in between. */
function isCovered(row: Row, pixel: number): boolean {
  const covered = row.bars.reduce((sum, bar) => sum + bar.end - bar.start, 0);
  return row.bars.length > 0 && row.end - row.start - covered < 4 * pixel;
}

function classOf(bar: Bar, active: boolean): string {
  return ["bar", bar.wait === "" ? "" : "wait", active ? "active" : ""].filter(Boolean).join(" ");
}

/** What somebody hears who cannot see the bars. */
function heard(row: Row, closed: boolean): string {
  const waits = row.bars.filter((bar) => bar.wait !== "");
  const attempts = row.bars.length - waits.length;
  const words = [
    told(lookOf(row.status).word, row, row.lasts),
    attempts > 1 ? `${attempts} attempts` : "",
    ...new Set(waits.map((bar) => bar.about)),
    row.critical ? "on the critical path" : "",
    closed ? `${row.inner} rows in it are not shown` : "",
  ];
  return words.filter(Boolean).join(", ");
}

/** The times, above the rows, and lines down through them. */
export function GanttAxis({ plot }: { plot: Plot }) {
  const { start, pixel, seen, whole, left } = plot;
  const length = (whole - left) * pixel;
  const marks = ticks(length, whole - left, seen.start - start, seen.end - start);
  return (
    <>
      {marks.map(({ after }) => (
        <i key={after} className="grid" style={{ left: plot.x(start + after) }} />
      ))}
      <div role="none" className="axis">
        <span className="label" style={{ width: left }} aria-hidden="true" />
        {marks.map(({ after, text }) => (
          <span
            key={after}
            className="tick"
            aria-hidden="true"
            style={{ left: plot.x(start + after) }}
          >
            {text}
          </span>
        ))}
      </div>
    </>
  );
}
