/** A place, in pixels of the drawing. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A line from one step to one that follows on it, by their positions in the list. */
export interface Link {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Spot[];
}

export interface Layered extends Size {
  /** The upper left corner of each step. */
  readonly spots: readonly Spot[];
  readonly links: readonly Link[];
}

export const ACROSS = 20;
export const DOWN = 26;
/** Steps that follow on nothing and that nothing follows on fill lines of this width. */
const LINE = 1200;
const SWEEPS = 4;
/** Beyond so many detours lines are drawn straight: they would be a thicket either way. */
const MOST_DETOURS = 20_000;

/** A step, or a place that a line needs on its way past a layer. */
interface Item {
  readonly layer: number;
  readonly width: number;
  readonly above: Item[];
  readonly below: Item[];
  order: number;
  centre: number;
}

/**
 * One list of steps in layers from top to bottom: each stands below those on which it follows. The
 * way of Sugiyama: layers by the longest path, an order with few crossings by barycentres, then
 * places as near as possible to their neighbours'.
 */
export function layered(sizes: readonly Size[], follows: readonly (readonly number[])[]): Layered {
  if (follows.every((some) => some.length === 0)) return inLines(sizes);
  const layers = layersOf(follows);
  const items = sizes.map(({ width }, index) => itemIn(layers[index] ?? 0, width));
  const ways = linked(items, follows);
  const rows = rowsOf(items, ways);
  arrange(rows);
  settle(rows);
  const left = rows.reduce((least, row) => Math.min(least, edge(row[0], -1)), Infinity);
  const right = rows.reduce((most, row) => Math.max(most, edge(row.at(-1), 1)), -Infinity);
  const { tops, heights, height } = levels(sizes, layers, rows.length);
  const spots = items.map((item) => ({
    x: item.centre - item.width / 2 - left,
    y: tops[item.layer] ?? 0,
  }));
  const links = ways.map(({ from, to, past }) => {
    const start = spots[from] ?? { x: 0, y: 0 };
    const points = [
      { x: start.x + (sizes[from]?.width ?? 0) / 2, y: start.y + (sizes[from]?.height ?? 0) },
    ];
    for (const item of past) {
      const top = tops[item.layer] ?? 0;
      const x = item.centre - left;
      points.push({ x, y: top }, { x, y: top + (heights[item.layer] ?? 0) });
    }
    const end = spots[to] ?? { x: 0, y: 0 };
    points.push({ x: end.x + (sizes[to]?.width ?? 0) / 2, y: end.y });
    return { from, to, points };
  });
  return { spots, links, width: right - left, height };
}

/** Nothing follows on anything: beside each other, in as many lines as it takes. */
function inLines(sizes: readonly Size[]): Layered {
  const spots: Spot[] = [];
  let [x, y, tallest, width] = [0, 0, 0, 0];
  for (const size of sizes) {
    if (x > 0 && x + size.width > LINE) {
      [x, y, tallest] = [0, y + tallest + DOWN, 0];
    }
    spots.push({ x, y });
    width = Math.max(width, x + size.width);
    tallest = Math.max(tallest, size.height);
    x += size.width + ACROSS;
  }
  return { spots, links: [], width, height: y + tallest };
}

/** In which layer each one stands: one below the lowest of those on which it follows. */
function layersOf(follows: readonly (readonly number[])[]): readonly number[] {
  const layers = follows.map(() => 0);
  const followers = follows.map((): number[] => []);
  const left = follows.map((some) => some.length);
  for (const [index, some] of follows.entries()) {
    for (const before of some) followers[before]?.push(index);
  }
  const ready = [...left.keys()].filter((index) => left[index] === 0);
  // What becomes ready on the way is appended, and so comes later.
  for (const index of ready) {
    for (const follower of followers[index] ?? []) {
      layers[follower] = Math.max(layers[follower] ?? 0, (layers[index] ?? 0) + 1);
      left[follower] = (left[follower] ?? 0) - 1;
      if (left[follower] === 0) ready.push(follower);
    }
  }
  return layers;
}

function itemIn(layer: number, width: number): Item {
  return { layer, width, above: [], below: [], order: 0, centre: 0 };
}

interface Way {
  readonly from: number;
  readonly to: number;
  readonly past: readonly Item[];
}

/** The lines, each with the places that it needs in the layers that it passes. */
function linked(items: readonly Item[], follows: readonly (readonly number[])[]): readonly Way[] {
  const ways: Way[] = [];
  let detours = 0;
  for (const [to, some] of follows.entries()) {
    for (const from of some) {
      const [upper, lower] = [items[from], items[to]];
      if (upper === undefined || lower === undefined) continue;
      const past: Item[] = [];
      detours += Math.max(0, lower.layer - upper.layer - 1);
      for (let layer = upper.layer + 1; layer < lower.layer && detours < MOST_DETOURS; layer += 1) {
        past.push(itemIn(layer, 0));
      }
      const chain = [upper, ...past, lower];
      for (const [index, item] of chain.entries()) {
        const next = chain[index + 1];
        if (next?.layer !== item.layer + 1) continue;
        item.below.push(next);
        next.above.push(item);
      }
      ways.push({ from, to, past });
    }
  }
  return ways;
}

function rowsOf(items: readonly Item[], ways: readonly Way[]): Item[][] {
  const rows: Item[][] = [];
  for (const item of [...items, ...ways.flatMap((way) => way.past)]) {
    (rows[item.layer] ??= []).push(item);
  }
  for (const row of rows) for (const [index, item] of row.entries()) item.order = index;
  return rows;
}

/** Fewer crossings: again and again each layer in the order of what its items are tied to. */
function arrange(rows: readonly Item[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      if (row.length < 2) continue;
      const wanted = new Map(
        row.map((item) => [
          item,
          mean(down ? item.above : item.below, (one) => one.order, item.order),
        ]),
      );
      row.sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0));
      for (const [index, item] of row.entries()) item.order = index;
    }
  }
}

/** Where the middle of each item is: as near as possible to the middle of what it is tied to. */
function settle(rows: readonly Item[][]): void {
  for (const row of rows) place(row, () => 0);
  if (rows.every((row) => row.length === 1)) return;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      place(row, (item) => mean(down ? item.above : item.below, (one) => one.centre, item.centre));
    }
  }
}

/**
 * The items of a layer in their order, without overlaps, with the least sum of squared distances
 * from where they want to be: neighbours that push each other move as one block (isotonic
 * regression by pooling).
 */
function place(row: readonly Item[], wanted: (item: Item) => number): void {
  const offsets: number[] = [];
  const blocks: { sum: number; count: number }[] = [];
  let offset = 0;
  for (const [index, item] of row.entries()) {
    const before = row[index - 1];
    if (before !== undefined) offset += (before.width + item.width) / 2 + ACROSS;
    offsets.push(offset);
    let block = { sum: wanted(item) - offset, count: 1 };
    for (;;) {
      const last = blocks.at(-1);
      if (last === undefined || last.sum / last.count <= block.sum / block.count) break;
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  }
  let index = 0;
  for (const { sum, count } of blocks) {
    for (let one = 0; one < count; one += 1, index += 1) {
      const item = row[index];
      if (item !== undefined) item.centre = sum / count + (offsets[index] ?? 0);
    }
  }
}

function mean(items: readonly Item[], of: (item: Item) => number, otherwise: number): number {
  if (items.length === 0) return otherwise;
  return items.reduce((sum, item) => sum + of(item), 0) / items.length;
}

function edge(item: Item | undefined, side: 1 | -1): number {
  return item === undefined ? 0 : item.centre + (side * item.width) / 2;
}

/** Where each layer begins, and how high it is. */
function levels(sizes: readonly Size[], layers: readonly number[], count: number) {
  const heights = Array.from({ length: count }, () => 0);
  for (const [index, { height }] of sizes.entries()) {
    const layer = layers[index] ?? 0;
    heights[layer] = Math.max(heights[layer] ?? 0, height);
  }
  const tops: number[] = [];
  let y = 0;
  for (const height of heights) {
    tops.push(y);
    y += height + DOWN;
  }
  return { tops, heights, height: y - DOWN };
}
