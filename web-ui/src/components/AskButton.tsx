import { type ReactNode, useState } from "react";

interface Properties {
  readonly label: string;
  /** What the button concerns, for those who hear the page: `Drop WF-2026-004/3/hook`. */
  readonly about?: string;
  readonly look?: string;
  /** The question; `close` ends it. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button behind which there is a question. */
export function AskButton({ label, about, look = "", children }: Properties) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className={look}
        aria-haspopup="dialog"
        aria-label={about === undefined ? undefined : `${label} ${about}`}
        onClick={() => {
          setOpen(true);
        }}
      >
        {label}
      </button>
      {open
        ? children(() => {
            setOpen(false);
          })
        : null}
    </>
  );
}
