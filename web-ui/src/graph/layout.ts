import type { Figure, FigureGroup } from "../api/pictures";
import { ACROSS, DOWN, layered, type Size, type Spot } from "./layers";

/** A step in the drawing. */
export interface Box extends Size, Spot {
  readonly figure: Figure;
  /** The path in the workflow: with the iterations that are shown. */
  readonly path: string;
  /** How many boxes it is in. */
  readonly depth: number;
  /** What it contains is drawn in it. */
  readonly open: boolean;
  /** Of a loop: the iteration that is drawn in it. */
  readonly iteration: string | null;
  /** What it stands in besides the ordinary course: `on_failure`, `then`, a branch. */
  readonly lane: string;
  /** The position after the last box in it. */
  readonly end: number;
}

/** A frame around a branch, or around handlers. */
export interface Lane extends Size, Spot {
  readonly caption: string;
  readonly aside: boolean;
}

/** A line from a step to one that follows on it. */
export interface Line {
  readonly points: readonly Spot[];
}

/** A drawing: its boxes in reading order, what contains others before it. */
export interface Layout extends Size {
  readonly boxes: readonly Box[];
  readonly lanes: readonly Lane[];
  readonly lines: readonly Line[];
}

/** What is drawn of what contains steps. */
export interface Choice {
  isOpen(figure: Figure, path: string): boolean;
  /** The path of the iteration to draw of a loop, or null for the loop as it is written. */
  iterationOf(figure: Figure, path: string): string | null;
}

const STEP: Size = { width: 212, height: 46 };
const CLOSED: Size = { width: 212, height: 64 };
/** What is open has room for its name and its counts. */
const OPEN_LEAST = 320;
const HEADER = 34;
const CAPTION = 22;
const PADDING = 10;
const MARGIN = 16;
/** Branches stand beside each other up to this width, then below. */
const WIDEST = 2400;

interface Sheet {
  readonly boxes: Box[];
  readonly lanes: Lane[];
  readonly lines: Line[];
}

/** Something measured, which can be put anywhere on the sheet. */
interface Block extends Size {
  put(sheet: Sheet, at: Spot, depth: number): void;
}

/** The drawing of a playbook's groups. */
export function layOut(groups: readonly FigureGroup[], choice: Choice): Layout {
  const sheet: Sheet = { boxes: [], lanes: [], lines: [] };
  const whole = inside(groups, choice, "", "");
  whole.put(sheet, { x: MARGIN, y: MARGIN }, 0);
  return { ...sheet, width: whole.width + 2 * MARGIN, height: whole.height + 2 * MARGIN };
}

/** How many steps are written in a figure. */
export function sizeOf(figure: Figure): number {
  return figure.groups.reduce(
    (sum, group) => sum + group.figures.reduce((inner, one) => inner + 1 + sizeOf(one), 0),
    0,
  );
}

/** Branches side by side; handlers to the right of them. */
function inside(
  groups: readonly FigureGroup[],
  choice: Choice,
  written: string,
  actual: string,
): Block {
  const blocks = (aside: boolean) =>
    groups
      .filter((group) => group.aside === aside)
      .map((group) => groupBlock(group, choice, written, actual));
  const main = wrapped(blocks(false), WIDEST);
  const aside = wrapped(blocks(true), 0);
  if (aside.width === 0) return main;
  if (main.width === 0) return aside;
  const left = main.width + 2 * ACROSS;
  return {
    width: left + aside.width,
    height: Math.max(main.height, aside.height),
    put(sheet, { x, y }, depth) {
      main.put(sheet, { x, y }, depth);
      aside.put(sheet, { x: x + left, y }, depth);
    },
  };
}

/** Blocks beside each other, as many to a line as fit. */
function wrapped(blocks: readonly Block[], most: number): Block {
  const spots: Spot[] = [];
  let [x, y, tallest, width] = [0, 0, 0, 0];
  for (const block of blocks) {
    if (x > 0 && x + block.width > most) [x, y, tallest] = [0, y + tallest + DOWN, 0];
    spots.push({ x, y });
    width = Math.max(width, x + block.width);
    tallest = Math.max(tallest, block.height);
    x += block.width + ACROSS;
  }
  return {
    width,
    height: y + tallest,
    put(sheet, at, depth) {
      for (const [index, block] of blocks.entries()) {
        const spot = spots[index] ?? at;
        block.put(sheet, { x: at.x + spot.x, y: at.y + spot.y }, depth);
      }
    },
  };
}

/** The steps of one list; with a frame if the list has a name. */
function groupBlock(group: FigureGroup, choice: Choice, written: string, actual: string): Block {
  const blocks = group.figures.map((figure) =>
    figureBlock(figure, choice, group.caption, actual + figure.path.slice(written.length)),
  );
  const { spots, links, width, height } = layered(
    blocks,
    group.figures.map((figure) => figure.follows),
  );
  const framed = group.caption !== "";
  const [across, down] = framed ? [PADDING, CAPTION + PADDING] : [0, 0];
  const least = framed ? 8 * group.caption.length + 2 * PADDING : 0;
  const whole = {
    width: Math.max(width + 2 * across, least),
    height: height + down + across,
  };
  return {
    ...whole,
    put(sheet, { x, y }, depth) {
      if (framed) sheet.lanes.push({ x, y, ...whole, caption: group.caption, aside: group.aside });
      const [left, top] = [x + across, y + down];
      for (const { points } of links) {
        sheet.lines.push({ points: points.map((one) => ({ x: left + one.x, y: top + one.y })) });
      }
      for (const [index, block] of blocks.entries()) {
        const spot = spots[index] ?? { x: 0, y: 0 };
        block.put(sheet, { x: left + spot.x, y: top + spot.y }, depth);
      }
    },
  };
}

function figureBlock(figure: Figure, choice: Choice, lane: string, path: string): Block {
  const open = figure.groups.length > 0 && choice.isOpen(figure, path);
  const iteration = open ? choice.iterationOf(figure, path) : null;
  const body = open ? inside(figure.groups, choice, figure.path, iteration ?? path) : null;
  const closed = figure.groups.length > 0 ? CLOSED : STEP;
  const size =
    body === null
      ? closed
      : {
          width: Math.max(body.width + 2 * PADDING, OPEN_LEAST),
          height: HEADER + body.height + PADDING,
        };
  return {
    ...size,
    put(sheet, { x, y }, depth) {
      const at = sheet.boxes.length;
      const box = { figure, path, x, y, ...size, depth, open, iteration, lane };
      sheet.boxes.push({ ...box, end: at + 1 });
      if (body === null) return;
      body.put(sheet, { x: x + (size.width - body.width) / 2, y: y + HEADER }, depth + 1);
      sheet.boxes[at] = { ...box, end: sheet.boxes.length };
    },
  };
}
