import type { Gantt, GanttBar } from "../../api/pictures";
import { duration } from "../../model/times";

/** A stretch of time; in milliseconds since the epoch. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface Bar extends Stretch {
  readonly what: string;
  /** Which wait it is; "" for an attempt. */
  readonly wait: string;
  readonly about: string;
  readonly lasts: boolean;
}

export interface Row extends Stretch {
  readonly depth: number;
  readonly name: string;
  /** "" is the workflow as a whole. */
  readonly path: string;
  readonly status: string;
  readonly critical: boolean;
  readonly bars: readonly Bar[];
  readonly lasts: boolean;
  /** How many of the rows after it are within it. */
  readonly inner: number;
}

export interface Chart extends Stretch {
  readonly rows: readonly Row[];
  readonly hidden: number;
}

/** What each wait is for, as a person says it. */
const WAITS: Readonly<Record<string, string>> = {
  claim: "waits for a lock or capacity",
  retry: "waits before the next try",
  timer: "waits as it says",
  event: "waits for an event",
  decision: "waits for a decision",
  queue: "waits for its turn",
  pause: "is paused",
  unowned: "nobody ran it",
  stopped: "had ended, and was resumed later",
};

/**
 * The chart as it is told, the workflow itself first. What lasted when it was told goes on for the
 * `since` milliseconds that have passed.
 */
export function chartOf(told: Gantt, title: string, state: string, since: number): Chart {
  const start = Date.parse(told.started_at);
  const last = Date.parse(told.finished_at);
  const running = state === "running" || state === "waiting";
  const end = Math.max(last + (running ? since : 0), start + 1);
  const stretch = (from: string, to: string, open: boolean): Stretch & { lasts: boolean } => {
    const lasts = running && open && Date.parse(to) >= last;
    return { start: Date.parse(from), end: lasts ? end : Date.parse(to), lasts };
  };
  const bar = (one: GanttBar, open: boolean): Bar => ({
    ...stretch(one.started_at, one.finished_at, open),
    what: one.what,
    wait: one.wait,
    about: aboutOf(one),
  });
  const whole: Row = {
    ...stretch(told.started_at, told.finished_at, true),
    depth: 0,
    name: title,
    path: "",
    status: state,
    critical: false,
    bars: told.waits.map((one) => bar(one, true)),
    inner: told.rows.length,
  };
  const inner = innerOf(told.rows);
  const rows = told.rows.map((row, index): Row => {
    const open = row.status === "running" || row.status === "waiting";
    return {
      ...stretch(row.started_at, row.finished_at, open),
      depth: row.depth + 1,
      name: row.name,
      path: row.path,
      status: row.status,
      critical: row.critical,
      bars: row.bars.map((one) => bar(one, open)),
      inner: inner[index] ?? 0,
    };
  });
  return { start, end, rows: [whole, ...rows], hidden: told.hidden };
}

/** Of each row, how many of those after it lie deeper, without one in between that does not. */
function innerOf(rows: readonly { readonly depth: number }[]): readonly number[] {
  const counts = rows.map(() => 0);
  const around: number[] = [];
  for (const [index, { depth }] of rows.entries()) {
    while (around.length > 0 && (rows[around.at(-1) ?? 0]?.depth ?? 0) >= depth) around.pop();
    for (const one of around) counts[one] = (counts[one] ?? 0) + 1;
    around.push(index);
  }
  return counts;
}

/** A row with so many in it is closed at first. */
const MANY = 100;

/** The rows that are closed as long as nobody opened them. */
export function closedAtFirst(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(
    rows.filter(({ path, inner }) => path !== "" && inner > MANY).map((row) => row.path),
  );
}

/** The rows that are shown: of those that are closed nothing within. */
export function openRows(rows: readonly Row[], closed: ReadonlySet<string>): readonly Row[] {
  const found: Row[] = [];
  for (let at = 0; at < rows.length;) {
    const row = rows[at];
    if (row === undefined) break;
    found.push(row);
    at += closed.has(row.path) ? 1 + row.inner : 1;
  }
  return found;
}

/** The paths of the rows in which one lies, the innermost first. */
export function around(rows: readonly Row[], path: string): readonly string[] {
  const found: string[] = [];
  const at = rows.findIndex((row) => row.path === path);
  let depth = rows[at]?.depth ?? 0;
  for (let index = at - 1; index > 0; index -= 1) {
    const row = rows[index];
    if (row === undefined || row.depth >= depth) continue;
    found.push(row.path);
    depth = row.depth;
  }
  return found;
}

function aboutOf({ wait, subject, about }: GanttBar): string {
  if (wait === "") return about.replaceAll("_", " ");
  const words = WAITS[wait] ?? `waits (${wait})`;
  return subject === "" ? words : `${words}: ${subject}`;
}

/** What is drawn as one because nobody could see what lies between, and only what is in sight. */
export function visibleBars(bars: readonly Bar[], seen: Stretch, pixel: number): readonly Bar[] {
  const found: Bar[] = [];
  for (const bar of bars) {
    if (bar.end < seen.start || bar.start > seen.end) continue;
    const last = found.at(-1);
    const tiny =
      bar.end - bar.start < pixel && last !== undefined && last.end - last.start < 3 * pixel;
    if (tiny && bar.start - last.end < pixel && bar.what === last.what) {
      found[found.length - 1] = { ...last, end: Math.max(last.end, bar.end), about: "several" };
    } else {
      found.push(bar);
    }
  }
  return found;
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
] as const;
/** Pixels that a time on the axis needs. */
const LABEL = 76;

export interface Tick {
  /** Milliseconds since the beginning. */
  readonly after: number;
  readonly text: string;
}

/** Round times of the axis: `width` pixels for `whole` milliseconds, those from `from` to `to`. */
export function ticks(whole: number, width: number, from: number, to: number): readonly Tick[] {
  const least = (whole / Math.max(1, width)) * LABEL;
  const days = 86_400_000;
  const step = STEPS.find((one) => one >= least) ?? Math.ceil(least / days) * days;
  const found: Tick[] = [];
  for (
    let count = Math.max(0, Math.floor(from / step));
    count * step <= Math.min(to, whole);
    count += 1
  ) {
    found.push({ after: count * step, text: duration((count * step) / 1000) });
  }
  return found;
}

/** A moment to the millisecond, in the user's own time zone: `10:15:03.120`. */
export function exact(moment: number): string {
  const date = new Date(moment);
  const two = (number: number) => number.toString().padStart(2, "0");
  const three = date.getMilliseconds().toString().padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${three}`;
}

/** A bar, or a row, in words: what it was, from when to when, how long. */
export function told(what: string, { start, end }: Stretch, lasts: boolean): string {
  const until = lasts ? "now" : exact(end);
  return `${what}, ${exact(start)} – ${until}, ${duration((end - start) / 1000)}`;
}
