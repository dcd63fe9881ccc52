import { describe, expect, it } from "vitest";

import type { Gantt } from "../../api/pictures";
import {
  around,
  type Bar,
  chartOf,
  closedAtFirst,
  openRows,
  ticks,
  told,
  visibleBars,
} from "./gantt";

const START = Date.parse("2026-11-23T05:00:00Z");

function at(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

function bar(start: number, end: number, what = "succeeded", wait = "") {
  const times = { started_at: at(start), finished_at: at(end) };
  return {
    ...times,
    what,
    wait,
    about: `attempt 1: ${what}`,
    subject: wait === "claim" ? "db" : "",
  };
}

const TOLD: Gantt = {
  started_at: at(0),
  finished_at: at(10),
  hidden: 3,
  waits: [bar(0, 1, "waiting", "queue")],
  rows: [
    {
      ...{ depth: 0, name: "build", path: "build", status: "succeeded", critical: true },
      ...{ started_at: at(1), finished_at: at(4), bars: [bar(1, 4)] },
    },
    {
      ...{ depth: 0, name: "deploy", path: "deploy", status: "running", critical: false },
      ...{ started_at: at(4), finished_at: at(10) },
      bars: [bar(4, 6, "waiting", "claim"), bar(6, 10, "running")],
    },
  ],
};

describe("chartOf", () => {
  it("lets what lasts go on, and nothing else", () => {
    const chart = chartOf(TOLD, "shop", "running", 5000);
    expect((chart.end - chart.start) / 1000).toBe(15);
    const [whole, build, deploy] = chart.rows;
    expect([whole?.name, whole?.path, whole?.lasts]).toEqual(["shop", "", true]);
    expect((build?.end ?? 0) - START).toBe(4000);
    expect(deploy?.bars.map((one) => [one.about, (one.end - START) / 1000, one.lasts])).toEqual([
      ["waits for a lock or capacity: db", 6, false],
      ["attempt 1: running", 15, true],
    ]);
  });

  it("ends with the workflow", () => {
    const chart = chartOf(TOLD, "shop", "failed", 5000);
    expect((chart.end - chart.start) / 1000).toBe(10);
    expect(chart.rows[0]?.bars[0]?.about).toBe("waits for its turn");
  });
});

describe("visibleBars", () => {
  const many: Bar[] = Array.from({ length: 1000 }, (_, index) => ({
    ...{
      start: index * 10,
      end: index * 10 + 5,
      what: "failed",
      wait: "",
      about: "",
      lasts: false,
    },
  }));

  it("draws what nobody could tell apart as one", () => {
    const bars = visibleBars(many, { start: 0, end: 10_000 }, 10);
    expect(bars.length).toBeLessThan(400);
    expect(bars[0]?.start).toBe(0);
    expect(bars.at(-1)?.end).toBe(9995);
  });

  it("leaves out what is out of sight", () => {
    expect(visibleBars(many, { start: 100, end: 120 }, 1).map((one) => one.start)).toEqual([
      100, 110, 120,
    ]);
  });
});

describe("ticks", () => {
  it("are round, and as many as there is room for", () => {
    expect(ticks(60_000, 400, 0, 60_000).map((one) => one.text)).toEqual([
      "0 s",
      "15 s",
      "30 s",
      "45 s",
      "1 min",
    ]);
    expect(ticks(3_600_000, 400, 0, 3_600_000).map((one) => one.text)).toEqual([
      "0 s",
      "15 min",
      "30 min",
      "45 min",
      "1 h",
    ]);
  });

  it("are only those in sight, however far the axis is drawn out", () => {
    expect(ticks(60_000, 400_000, 30_000, 30_100).length).toBeLessThan(20);
  });

  it("go beyond a day", () => {
    expect(ticks(40 * 86_400_000, 400, 0, 40 * 86_400_000).length).toBeLessThan(7);
  });
});

describe("told", () => {
  it("tells times to the millisecond", () => {
    const start = new Date(2026, 10, 23, 5, 1, 2, 34).getTime();
    expect(told("attempt 1", { start, end: start + 1500 }, false)).toBe(
      "attempt 1, 05:01:02.034 – 05:01:03.534, 1.5 s",
    );
    expect(told("attempt 1", { start, end: start + 1500 }, true)).toBe(
      "attempt 1, 05:01:02.034 – now, 1.5 s",
    );
  });
});

describe("groups", () => {
  const row = (depth: number, path: string) => ({
    ...{ depth, name: path, path, status: "succeeded", critical: false },
    ...{ started_at: at(0), finished_at: at(1), bars: [] },
  });
  const nested = (...rows: ReturnType<typeof row>[]) =>
    chartOf({ ...TOLD, rows }, "shop", "succeeded", 0).rows;
  const rows = nested(
    row(0, "a"),
    row(1, "a/b"),
    row(2, "a/b/c"),
    row(2, "a/b/d"),
    row(1, "a/e"),
    row(0, "f"),
    row(0, "g"),
    row(3, "g/deep"),
  );
  const paths = (closed: readonly string[]) =>
    openRows(rows, new Set(closed)).map((one) => one.path);

  it("know how much is in them, also where rows in between were left out", () => {
    expect(rows.map((one) => [one.path, one.inner])).toEqual([
      ["", 8],
      ["a", 4],
      ["a/b", 2],
      ["a/b/c", 0],
      ["a/b/d", 0],
      ["a/e", 0],
      ["f", 0],
      ["g", 1],
      ["g/deep", 0],
    ]);
  });
  it("show nothing of what is in them when they are closed", () => {
    expect(paths([])).toHaveLength(9);
    expect(paths(["a"])).toEqual(["", "a", "f", "g", "g/deep"]);
    expect(paths(["a/b", "g"])).toEqual(["", "a", "a/b", "a/e", "f", "g"]);
    expect(paths(["a", "a/b"])).toEqual(["", "a", "f", "g", "g/deep"]);
    expect(paths(["f"])).toHaveLength(9);
  });
  it("are found around a row, the innermost first", () => {
    expect(around(rows, "a/b/d")).toEqual(["a/b", "a"]);
    expect(around(rows, "g/deep")).toEqual(["g"]);
    expect(around(rows, "a")).toEqual([]);
    expect(around(rows, "nowhere")).toEqual([]);
  });
  it("are closed at first if there is much in them, but never the whole", () => {
    const many = Array.from({ length: 101 }, (_, index) => row(1, `each[${index}]`));
    expect([...closedAtFirst(nested(row(0, "each"), ...many))]).toEqual(["each"]);
    expect([...closedAtFirst(nested(row(0, "each"), ...many.slice(1)))]).toEqual([]);
  });
});
