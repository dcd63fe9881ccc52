import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";

/** A line of the menu; without `run` it is the heading of those below it. */
export interface MenuItem {
  readonly label: string;
  readonly keys?: string;
  readonly run?: () => void;
  readonly off?: boolean;
}

interface Properties {
  readonly label: string;
  readonly at: DOMRect;
  readonly items: readonly MenuItem[];
  readonly onClose: () => void;
}

const MARGIN = 8;

/** What can be done with a step: everything that dragging does, and more, for any keyboard. */
export function StepMenu({ label, at, items, onClose }: Properties) {
  const menu = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: at.right, top: at.bottom });
  useLayoutEffect(() => {
    const box = menu.current?.getBoundingClientRect();
    if (box === undefined) return;
    setPlace({
      left: Math.max(MARGIN, Math.min(at.right - 24, window.innerWidth - box.width - MARGIN)),
      top: Math.max(MARGIN, Math.min(at.bottom, window.innerHeight - box.height - MARGIN)),
    });
  }, [at]);
  useEffect(() => {
    menu.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, []);

  const press = (event: KeyboardEvent) => {
    const found = [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const now = found.findIndex((one) => one === document.activeElement);
    if (event.key === "ArrowDown") found[(now + 1) % found.length]?.focus();
    else if (event.key === "ArrowUp") found.at(now - 1)?.focus();
    else if (event.key === "Home") found[0]?.focus();
    else if (event.key === "End") found.at(-1)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const after = [...found.slice(now + 1), ...found.slice(0, now + 1)];
      const letter = event.key.toLowerCase();
      const next = after.find((one) => one.textContent.trim().toLowerCase().startsWith(letter));
      next?.focus();
      if (event.key === " ") return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={menu}
      className="step-menu"
      role="menu"
      aria-label={label}
      tabIndex={-1}
      style={place}
      onKeyDown={press}
      onBlur={(event) => {
        if (!(event.relatedTarget instanceof Node && menu.current?.contains(event.relatedTarget))) {
          onClose();
        }
      }}
    >
      {items.map((item) => (
        <Entry key={item.label} item={item} onClose={onClose} />
      ))}
    </div>
  );
}

function Entry({ item, onClose }: { item: MenuItem; onClose: () => void }) {
  const { label, keys, run, off = false } = item;
  if (run === undefined) {
    return (
      <div className="menu-heading" role="presentation">
        {label}
      </div>
    );
  }
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      aria-disabled={off}
      aria-keyshortcuts={keys}
      onClick={() => {
        if (off) return;
        onClose();
        run();
      }}
    >
      <span>{label}</span>
      {keys === undefined ? null : <kbd>{keys}</kbd>}
    </button>
  );
}
