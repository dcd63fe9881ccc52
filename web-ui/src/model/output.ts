/** A part of what an attempt wrote: the bytes from `start` on, of `total` that there were. */
export interface Part {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly total: number;
}

/** More is not kept in the page: what is furthest from the end goes first. */
export const MOST = 4 << 20;

/** Reads `bytes 10-19/100`; null if it is not that. */
export function contentRange(header: string | null): { start: number; total: number } | null {
  const found = /^bytes (\d+)-\d+\/(\d+)$/.exec(header ?? "");
  return found === null ? null : { start: Number(found[1]), total: Number(found[2]) };
}

/** Two parts as one. They overlap or touch, or the second one counts alone. */
export function joined(first: Part, second: Part): Part {
  const [low, high] = first.start <= second.start ? [first, second] : [second, first];
  if (low.start + low.bytes.length < high.start) return second;
  const total = Math.max(first.total, second.total);
  const end = Math.max(low.start + low.bytes.length, high.start + high.bytes.length);
  const bytes = new Uint8Array(end - low.start);
  bytes.set(low.bytes, 0);
  bytes.set(high.bytes, high.start - low.start);
  if (bytes.length <= MOST) return { start: low.start, bytes, total };
  // Whoever goes back in a large output looks at its beginning, everybody else at its end.
  const back = second.start < first.start;
  const from = back ? 0 : bytes.length - MOST;
  return { start: low.start + from, bytes: bytes.slice(from, from + MOST), total };
}

// Escape sequences of terminals: colours, cursor movements, titles.
// eslint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
// eslint-disable-next-line no-control-regex
const INVISIBLE = /[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/g;

/** The text of a part, without what only a terminal understands, and without a cut character. */
export function textOf(part: Part): string {
  let from = 0;
  if (part.start > 0) {
    while (from < 4 && from < part.bytes.length && ((part.bytes[from] ?? 0) & 0xc0) === 0x80) {
      from += 1;
    }
  }
  return new TextDecoder()
    .decode(part.bytes.subarray(from))
    .replace(ESCAPES, "")
    .replace(/\r+\n/g, "\n")
    .replace(/[^\n]*\r(?=[^\n])/g, "")
    .replace(INVISIBLE, "\u{fffd}");
}

/** A number of bytes as a person says it. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1 << 20) return `${(bytes / 1024).toFixed(1)} KiB`;
  if (bytes < 1 << 30) return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
  return `${(bytes / (1 << 30)).toFixed(1)} GiB`;
}
