/** A duration as a person says it: `30 ms`, `1.5 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds <= 0) return "0 s";
  if (seconds < 0.95) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${(Math.round(seconds * 10) / 10).toString()} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86_400)
    return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return pair(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3600), "h");
}

function pair(first: number, unit: string, second: number, smaller: string): string {
  return second === 0 ? `${first} ${unit}` : `${first} ${unit} ${second} ${smaller}`;
}

/** How long ago, or how soon, a moment is: `just now`, `5 min ago`, `in 2 h`. */
export function distance(moment: string, now: number): string {
  const seconds = (now - Date.parse(moment)) / 1000;
  if (Number.isNaN(seconds)) return "";
  const away = Math.abs(seconds);
  if (away < 5) return "just now";
  const size =
    away < 60
      ? `${Math.round(away)} s`
      : away < 3600
        ? `${Math.floor(away / 60)} min`
        : away < 86_400
          ? `${Math.floor(away / 3600)} h`
          : `${Math.floor(away / 86_400)} d`;
  return seconds > 0 ? `${size} ago` : `in ${size}`;
}

/** A moment in the user's own time zone: `2026-11-23 05:01:42`. */
export function clock(moment: string): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return moment;
  const two = (number: number) => number.toString().padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Seconds between two moments, the second being now if it has not come. */
export function between(start: string | null, end: string | null, now: number): number | null {
  if (start === null) return null;
  const seconds = ((end === null ? now : Date.parse(end)) - Date.parse(start)) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}
