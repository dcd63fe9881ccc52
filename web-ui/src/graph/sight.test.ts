import { describe, expect, it } from "vitest";

import type { Figure } from "../api/pictures";
import { layOut } from "./layout";
import { drawn, fitting, inFrame, scrolledTo } from "./sight";

function steps(count: number): readonly Figure[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `s${index}`,
    name: `s${index}`,
    kind: "command",
    call: "",
    state: "",
    follows: index === 0 ? [] : [index - 1],
    groups: [],
  }));
}

const LONG = layOut([{ caption: "", aside: false, figures: steps(10_000) }], {
  isOpen: () => true,
  iterationOf: () => null,
});

describe("inFrame", () => {
  it("finds of ten thousand boxes those in the frame", () => {
    const seen = inFrame(LONG, { left: 0, top: 72_000, right: 800, bottom: 72_600 });
    expect(seen.boxes.map(({ box }) => box.path)).toEqual([
      "s1000",
      "s1001",
      "s1002",
      "s1003",
      "s1004",
      "s1005",
      "s1006",
      "s1007",
      "s1008",
    ]);
    expect(seen.lines.length).toBeLessThan(12);
  });

  it("leaves out what is in a container that is outside", () => {
    const inner = steps(3).map((one) => ({ ...one, path: `all/${one.path}` }));
    const all: Figure = {
      path: "all",
      name: "all",
      kind: "parallel",
      call: "",
      state: "",
      follows: [],
      groups: [{ caption: "", aside: false, figures: inner }],
    };
    const nested = layOut([{ caption: "", aside: false, figures: [all] }], {
      isOpen: () => true,
      iterationOf: () => null,
    });
    expect(inFrame(nested, { left: 5000, top: 0, right: 6000, bottom: 900 }).boxes).toEqual([]);
    expect(inFrame(nested, { left: 0, top: 0, right: 900, bottom: 900 }).boxes).toHaveLength(4);
  });

  it("keeps a long line that passes through", () => {
    const line = {
      points: [
        { x: 10, y: 0 },
        { x: 10, y: 5000 },
      ],
    };
    const layout = { boxes: [], lanes: [], lines: [line], width: 100, height: 5000 };
    const frame = { left: 0, top: 2000, right: 100, bottom: 2100 };
    expect(inFrame(layout, frame).lines).toEqual([line]);
    expect(inFrame(layout, { ...frame, left: 50 }).lines).toEqual([]);
  });
});

describe("drawn", () => {
  it("bends a line between two columns and leads it straight along one", () => {
    const points = [
      { x: 0, y: 0 },
      { x: 0, y: 10 },
      { x: 20, y: 30 },
    ];
    expect(drawn({ points })).toBe("M0 0V10C0 20 20 20 20 30");
  });
});

describe("zooming", () => {
  it("fits what can be fitted, and never magnifies for that", () => {
    expect(fitting({ ...LONG, width: 200, height: 100 }, 800, 600)).toBe(1);
    expect(fitting({ ...LONG, width: 1600, height: 600 }, 800, 600)).toBe(0.5);
    expect(fitting(LONG, 800, 600)).toBe(0.25);
  });

  it("keeps what is under the pointer there", () => {
    expect(scrolledTo(100, 50, 1, 2)).toBe(250);
    expect(scrolledTo(0, 0, 1, 0.5)).toBe(0);
  });
});
