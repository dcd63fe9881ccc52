import { type ReactNode, type SubmitEvent, useEffect, useId, useRef, useState } from "react";

import { Failed } from "./notices";

interface Properties {
  readonly title: string;
  readonly children?: ReactNode;
  /** What the button says that does it: a verb and its object. */
  readonly action: string;
  readonly danger?: boolean;
  readonly blocked?: boolean;
  /** It shows text in lines, such as a difference. */
  readonly wide?: boolean;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/**
 * A question before something happens. It is open while it is mounted, keeps the keyboard within,
 * closes with Escape, and stays open with the reason if what it asked for was refused.
 */
export function Dialog(properties: Properties) {
  const {
    title,
    children,
    action,
    danger = false,
    blocked = false,
    wide = false,
    onConfirm,
    onClose,
  } = properties;
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    const dialog = element.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
    };
  }, []);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    onConfirm().then(onClose, (reason: unknown) => {
      setError(reason);
      setBusy(false);
    });
  };

  return (
    <dialog
      ref={element}
      className={wide ? "wide" : undefined}
      aria-labelledby={heading}
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <h2 id={heading}>{title}</h2>
        {children}
        {error === null ? null : <Failed error={error} slim />}
        <div className="actions">
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" className={danger ? "danger" : "first"} disabled={busy || blocked}>
            {busy ? "Asking the server…" : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
