import { describe, expect, it } from "vitest";

import { layered } from "./layers";

const SIZE = { width: 100, height: 40 };

function boxes(follows: readonly (readonly number[])[]) {
  return layered(
    follows.map(() => SIZE),
    follows,
  );
}

describe("layered", () => {
  it("puts a sequence below each other, in one column", () => {
    const found = boxes([[], [0], [1]]);
    expect(found.spots).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 66 },
      { x: 0, y: 132 },
    ]);
    expect([found.width, found.height]).toEqual([100, 172]);
    expect(found.links[0]).toEqual({
      from: 0,
      to: 1,
      points: [
        { x: 50, y: 40 },
        { x: 50, y: 66 },
      ],
    });
  });

  it("puts what may run at once beside each other, and what both need in the middle", () => {
    const found = boxes([[], [0], [0], [1, 2]]);
    expect(found.spots).toEqual([
      { x: 60, y: 0 },
      { x: 0, y: 66 },
      { x: 120, y: 66 },
      { x: 60, y: 132 },
    ]);
  });

  it("leads a line past a layer around what stands there", () => {
    const found = boxes([[], [0], [1, 0]]);
    const past = found.links.find((link) => link.from === 0 && link.to === 2);
    const x = found.spots[1]?.x ?? 0;
    const bend = past?.points[1]?.x ?? x;
    expect(past?.points).toHaveLength(4);
    expect(bend < x || bend > x + SIZE.width).toBe(true);
  });

  it("orders layers so that lines do not cross where they need not", () => {
    // 0 → 3 and 1 → 2: written order would cross.
    const found = boxes([[], [], [1], [0]]);
    expect((found.spots[3]?.x ?? 0) < (found.spots[2]?.x ?? 0)).toBe(true);
  });

  it("lays what follows on nothing out in lines", () => {
    const found = boxes(Array.from({ length: 12 }, () => []));
    expect(found.links).toEqual([]);
    expect(found.width).toBe(1180);
    expect(found.spots[10]).toEqual({ x: 0, y: 66 });
  });

  it("never lets two boxes overlap", () => {
    const follows = Array.from({ length: 200 }, (_, index) =>
      index < 10 ? [] : [(index * 7) % 10, index - 1 - (index % 9)],
    );
    const { spots } = boxes(follows);
    const overlapping = spots.flatMap((one, index) =>
      spots
        .slice(index + 1)
        .filter(
          (other) =>
            Math.abs(one.x - other.x) < SIZE.width && Math.abs(one.y - other.y) < SIZE.height,
        ),
    );
    expect(overlapping).toEqual([]);
  });

  it("takes a sequence of ten thousand", () => {
    const found = boxes(
      Array.from({ length: 10_000 }, (_, index) => (index === 0 ? [] : [index - 1])),
    );
    expect(found.spots.at(-1)).toEqual({ x: 0, y: 9_999 * 66 });
  });
});
