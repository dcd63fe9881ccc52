/** What is different between two texts, line by line: the shortest way from one to the other. */

export interface DiffLine {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
  /** Its number in the text before, and in that after; lines count from 1. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Lines that stand together, with so many same ones left out before them. */
export interface Hunk {
  readonly skipped: number;
  readonly lines: readonly DiffLine[];
}

/** More steps than this are not looked for: then everything between is taken as exchanged. */
const MOST = 3000;

export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(old.length, now.length) - head;
  while (tail < shorter && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const kept = shortest(old.slice(head, old.length - tail), now.slice(head, now.length - tail)).map(
    ([one, other]): Pair => [one + head, other + head],
  );
  const same: Pair[] = Array.from({ length: head }, (_, index): Pair => [index, index]);
  for (let index = tail; index > 0; index -= 1) kept.push([old.length - index, now.length - index]);
  return written(old, now, [...same, ...kept]);
}

type Pair = readonly [old: number, now: number];

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function written(
  old: readonly string[],
  now: readonly string[],
  same: readonly Pair[],
): readonly DiffLine[] {
  const found: DiffLine[] = [];
  let [left, right] = [0, 0];
  for (const [one, other] of [...same, [old.length, now.length] as const]) {
    for (; left < one; left += 1) {
      found.push({ kind: "removed", text: old[left] ?? "", before: left + 1, after: null });
    }
    for (; right < other; right += 1) {
      found.push({ kind: "added", text: now[right] ?? "", before: null, after: right + 1 });
    }
    if (one === old.length) break;
    found.push({ kind: "same", text: old[one] ?? "", before: one + 1, after: other + 1 });
    [left, right] = [one + 1, other + 1];
  }
  return found;
}

/** The pairs of lines that stay, found with as few removed and added lines as can be (Myers). */
function shortest(old: readonly string[], now: readonly string[]): Pair[] {
  const reach = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let cost = 0; cost <= Math.min(old.length + now.length, MOST); cost += 1) {
    trace.push(new Map(reach));
    for (let diagonal = -cost; diagonal <= cost; diagonal += 2) {
      let left = isDown(reach, diagonal, cost)
        ? (reach.get(diagonal + 1) ?? 0)
        : (reach.get(diagonal - 1) ?? 0) + 1;
      while (
        left < old.length &&
        left - diagonal < now.length &&
        old[left] === now[left - diagonal]
      ) {
        left += 1;
      }
      reach.set(diagonal, left);
      if (left >= old.length && left - diagonal >= now.length) return backward(trace, old, now);
    }
  }
  return [];
}

function isDown(reach: ReadonlyMap<number, number>, diagonal: number, cost: number): boolean {
  if (diagonal === -cost || diagonal === cost) return diagonal === -cost;
  return (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1);
}

function backward(
  trace: readonly ReadonlyMap<number, number>[],
  old: readonly string[],
  now: readonly string[],
): Pair[] {
  const found: Pair[] = [];
  let [left, right] = [old.length, now.length];
  for (let cost = trace.length - 1; cost >= 0; cost -= 1) {
    const reach = trace[cost] ?? new Map<number, number>();
    const diagonal = left - right;
    const before = isDown(reach, diagonal, cost) ? diagonal + 1 : diagonal - 1;
    const start = Math.max(reach.get(before) ?? 0, 0);
    const [toLeft, toRight] = cost === 0 ? [0, 0] : [start, start - before];
    while (left > toLeft && right > toRight) {
      left -= 1;
      right -= 1;
      found.push([left, right]);
    }
    [left, right] = [toLeft, toRight];
  }
  return found.reverse();
}

/** Only what changed, with some lines around it. */
export function folded(lines: readonly DiffLine[], around = 3): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let current: DiffLine[] = [];
  let skipped = 0;
  for (const [index, line] of lines.entries()) {
    const near = lines
      .slice(Math.max(0, index - around), index + around + 1)
      .some((one) => one.kind !== "same");
    if (near) {
      current.push(line);
      continue;
    }
    if (current.length > 0) {
      hunks.push({ skipped, lines: current });
      current = [];
      skipped = 0;
    }
    skipped += 1;
  }
  if (current.length > 0) hunks.push({ skipped, lines: current });
  return hunks;
}
