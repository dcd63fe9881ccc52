import { lookOf, type Shape } from "../model/states";

const PATHS: Readonly<Record<Shape, string>> = {
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  arrow: "M5 3.5v9l7.5-4.5z",
  clock: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 1 0 8 2.2M8 5v3.3l2.2 1.6",
  hand: "M4.5 8.5v-4M7 7.5v-5M9.5 7.5v-4.5M12 9V5M4.5 8c-1.5-1-2.5 0-1.7 1.2L5 13.5h5.5L12 9",
  bars: "M5.5 3.5v9M10.5 3.5v9",
  exclamation: "M8 2 15 14H1zM8 6.5v3.5M8 12v.2",
  ring: "M8 3a5 5 0 1 0 0 10A5 5 0 1 0 8 3",
  slash: "M8 2.5a5.5 5.5 0 1 0 0 11A5.5 5.5 0 1 0 8 2.5M4.2 11.8l7.6-7.6",
  forward: "M3 4l4.5 4L3 12M8 4l4.5 4L8 12M14 4v8",
  dash: "M3.5 8h9",
  question: "M5.5 5.8C5.5 3 10.5 3 10.5 6c0 2-2.5 2-2.5 4M8 13v.2",
};

interface Properties {
  readonly state: string;
  /** Stands alone at the head of a page. */
  readonly heavy?: boolean;
  /** A word more, such as that its owner is gone. */
  readonly also?: string | undefined;
}

/** A state as shape, colour and word. */
export function StateBadge({ state, heavy = false, also }: Properties) {
  const look = lookOf(state);
  return (
    <span className={heavy ? "badge heavy" : "badge"} data-tone={look.tone} data-state={state}>
      <StateMark state={state} />
      <span>
        {look.word}
        {also === undefined ? "" : `, ${also}`}
      </span>
    </span>
  );
}

/** The shape of a state alone, for where the word stands beside it or on it. */
export function StateMark({ state }: { state: string }) {
  const { shape } = lookOf(state);
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill={shape === "arrow" ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[shape]} />
    </svg>
  );
}
