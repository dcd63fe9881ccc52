import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

import { idOf, type Outline, type StepList } from "../../builder/outline";
import type { Path } from "../../builder/source";
import type { Deed } from "./deeds";
import {
  type Cargo,
  type Drop,
  dropAmong,
  dropAt,
  letGo,
  lift,
  lifted,
  type Line,
  lineFor,
  pathOf,
} from "./dragging";
import { Chips, Lane, type Marked, type View, within } from "./StepCard";

interface Properties {
  readonly outline: Outline;
  readonly title: string;
  readonly chosen: Path;
  readonly marks: ReadonlyMap<string, Marked>;
  readonly readOnly: boolean;
  /** Another number: the keyboard is to go to what is chosen. */
  readonly grab: number;
  readonly onChoose: (path: Path) => void;
  readonly onDrop: (cargo: Cargo, list: Path, index: number) => void;
  readonly onDeed: (deed: Deed, path: Path) => void;
  readonly onMenu: (path: Path, at: DOMRect) => void;
  readonly onHandler: (path: Path, key: string) => void;
  readonly onBranch: (list: Path) => void;
  readonly onPalette: () => void;
  readonly onForm: () => void;
}

/**
 * The playbook as nested cards. Clicks, keys and drags of all cards are heard here: a thousand of
 * them have no listeners of their own.
 */
export function StepsTree(properties: Properties) {
  const { outline, title, chosen, marks, readOnly, onChoose } = properties;
  const frame = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const view = useMemo<View>(() => ({ closed, marks, readOnly }), [closed, marks, readOnly]);
  const id = idOf(chosen);
  const fold = (node: string) => {
    setClosed((before) => {
      const after = new Set(before);
      if (!after.delete(node)) after.add(node);
      return after;
    });
  };
  // Whether the keyboard is with the steps, also while the card that had it is taken away.
  const keptRef = useRef(false);
  useFocusOn(frame, keptRef, id, outline, properties.grab);
  const drag = useDrags(frame, properties);

  return (
    <div className="steps-frame" ref={frame} {...drag.handlers}>
      <div
        className="steps-tree"
        role="tree"
        aria-label="Steps"
        tabIndex={-1}
        onClick={(event) => {
          clicked(event, properties, fold);
        }}
        onKeyDown={(event) => {
          if (frame.current !== null) pressed(event, frame.current, properties, fold);
        }}
        onBlur={(event) => {
          if (event.relatedTarget !== null) keptRef.current = false;
        }}
        onFocus={(event) => {
          keptRef.current = true;
          const path = ownPath(event.target);
          if (path !== null && idOf(path) !== id) onChoose(path);
        }}
      >
        <div
          className="step-card root"
          role="treeitem"
          aria-label={`${title}, playbook`}
          aria-level={1}
          aria-selected={id === ""}
          aria-expanded
          tabIndex={id === "" ? 0 : -1}
          data-id=""
          data-node="[]"
        >
          <div className="card-head">
            <span className="card-title">{title}</span>
            <span className="tag">playbook</span>
          </div>
          <div role="group" className="lanes">
            {(outline.lists.length > 0 ? outline.lists : [FIRST]).map((list) => (
              <Lane
                key={list.key}
                list={list}
                level={2}
                of={title}
                chosen={within(id, idOf(list.path))}
                view={view}
              />
            ))}
          </div>
          {id === "" && !readOnly ? <Chips path={[]} absent={outline.absent} /> : null}
        </div>
      </div>
      {drag.line === null ? null : <div className="drop-line" style={drag.line} />}
    </div>
  );
}

/** Where the first step goes, as long as nothing could be read. */
const FIRST: StepList = {
  key: "steps",
  of: "step",
  description: "",
  required: true,
  handler: false,
  path: ["steps"],
  steps: [],
  lines: null,
};

/** The keyboard stays with what is chosen, wherever that is after an edit; the view does, too. */
function useFocusOn(
  frame: RefObject<HTMLDivElement | null>,
  kept: RefObject<boolean>,
  id: string,
  outline: Outline,
  grab: number,
): void {
  const grabbed = useRef(grab);
  useEffect(() => {
    const wanted = grabbed.current !== grab;
    grabbed.current = grab;
    const box = frame.current;
    const item = box?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
    if (box == null || item == null) return;
    const active = document.activeElement;
    const within = box.contains(active) && active?.getAttribute("role") === "treeitem";
    const lost = kept.current && (active === null || active === document.body);
    if ((wanted || within || lost) && active !== item) item.focus({ preventScroll: true });
    if (id !== "")
      (item.querySelector(".card-head, .lane-head") ?? item).scrollIntoView({ block: "nearest" });
  }, [frame, kept, id, outline, grab]);
}

function useDrags(frame: RefObject<HTMLDivElement | null>, properties: Properties) {
  const { onDrop, readOnly } = properties;
  const [line, setLine] = useState<Line | null>(null);
  const found = (event: DragEvent): Drop | null => {
    const cargo = lifted();
    if (cargo === null || readOnly || !(event.target instanceof Element)) return null;
    const { target, clientX, clientY } = event;
    const within = dropAt(target, clientX, clientY, cargo);
    if (within !== null || target.closest(".lane") !== null || frame.current === null)
      return within;
    return dropAmong(frame.current, clientX, clientY, cargo);
  };
  const end = () => {
    letGo();
    setLine(null);
  };
  const handlers = {
    onDragStart: (event: DragEvent) => {
      const item =
        event.target instanceof Element ? event.target.closest<HTMLElement>("[data-node]") : null;
      const path = pathOf(item?.dataset.node);
      if (path === null || path.length === 0) return;
      const of = path.at(-2) === "branches" ? "branch" : "step";
      lift({ kind: "move", path, of });
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item?.getAttribute("aria-label") ?? "");
    },
    onDragOver: (event: DragEvent) => {
      const drop = found(event);
      if (drop === null || frame.current === null) {
        setLine(null);
        return;
      }
      event.preventDefault();
      const next = lineFor(drop, frame.current);
      setLine((before) => (same(before, next) ? before : next));
    },
    onDragLeave: (event: DragEvent) => {
      const to = event.relatedTarget;
      if (!(to instanceof Node) || frame.current?.contains(to) !== true) setLine(null);
    },
    onDrop: (event: DragEvent) => {
      const drop = found(event);
      const what = lifted();
      end();
      if (drop === null || what === null) return;
      event.preventDefault();
      onDrop(what, drop.list, drop.index);
    },
    onDragEnd: end,
  };
  return { line, handlers };
}

function same(one: Line | null, other: Line): boolean {
  return (
    one !== null &&
    one.left === other.left &&
    one.top === other.top &&
    one.height === other.height &&
    one.width === other.width
  );
}

/** The path of the innermost card or lane around an element. */
function pathAround(element: Element): Path | null {
  const item = element.closest<HTMLElement>("[role=treeitem]");
  return pathOf(item?.dataset.node ?? item?.dataset.lane);
}

/** The path of a card or lane, if that itself is meant and nothing in it. */
function ownPath(element: Element): Path | null {
  return element.getAttribute("role") === "treeitem" ? pathAround(element) : null;
}

function clicked(event: MouseEvent, properties: Properties, fold: (id: string) => void): void {
  if (!(event.target instanceof Element)) return;
  const path = pathAround(event.target);
  if (path === null) return;
  const button = event.target.closest<HTMLElement>("button");
  if (button?.dataset.fold !== undefined) {
    fold(button.dataset.fold);
    return;
  }
  properties.onChoose(path);
  if (button === null) return;
  if (button.dataset.menu !== undefined) properties.onMenu(path, button.getBoundingClientRect());
  else if (button.dataset.branch !== undefined) properties.onBranch(path);
  else if (button.dataset.handler !== undefined) properties.onHandler(path, button.dataset.handler);
}

const DEEDS: Readonly<Record<string, Deed>> = {
  "alt ArrowUp": "up",
  "alt ArrowDown": "down",
  "alt ArrowLeft": "out",
  "alt ArrowRight": "in",
  "ctrl d": "duplicate",
  Delete: "remove",
};

/** What a key does: the pattern of WAI-ARIA for trees, and what can be done with a step. */
function pressed(
  event: KeyboardEvent,
  frame: HTMLElement,
  properties: Properties,
  fold: (id: string) => void,
): void {
  const item = event.target instanceof HTMLElement ? event.target : null;
  if (item?.getAttribute("role") !== "treeitem") return;
  const path = pathAround(item);
  if (path === null) return;
  const step = item.dataset.node !== undefined && path.length > 0;
  const ctrl = event.ctrlKey || event.metaKey;
  const key = `${event.altKey ? "alt " : ""}${ctrl ? "ctrl " : ""}${event.key}`;
  const deed = DEEDS[key];
  const menu = key === "ContextMenu" || key === "m" || (key === "F10" && event.shiftKey);
  if (deed !== undefined && !properties.readOnly) {
    if (step) properties.onDeed(deed, path);
  } else if (menu && !properties.readOnly) {
    const head = item.querySelector(".card-head, .lane-head") ?? item;
    properties.onMenu(path, head.getBoundingClientRect());
  } else if (key === "Enter") properties.onForm();
  else if (key === "/" || key === "a") properties.onPalette();
  else if (!moved(key, item, frame, fold)) return;
  event.preventDefault();
}

function moved(
  key: string,
  item: HTMLElement,
  frame: HTMLElement,
  fold: (id: string) => void,
): boolean {
  const all = [...frame.querySelectorAll<HTMLElement>("[role=treeitem]")];
  const at = all.indexOf(item);
  const go = (to: HTMLElement | null | undefined) => {
    to?.focus();
  };
  const open = item.getAttribute("aria-expanded");
  const id = item.dataset.id ?? "";
  if (key === "ArrowDown") go(all[at + 1]);
  else if (key === "ArrowUp") go(all[at - 1]);
  else if (key === "Home") go(all[0]);
  else if (key === "End") go(all.at(-1));
  else if (key === "ArrowRight" && open === "false") fold(id);
  else if (key === "ArrowRight" && open === "true")
    go(item.querySelector<HTMLElement>("[role=treeitem]"));
  else if (key === "ArrowLeft" && open === "true" && item.dataset.node !== undefined && id !== "")
    fold(id);
  else if (key === "ArrowLeft") go(item.parentElement?.closest<HTMLElement>("[role=treeitem]"));
  else return false;
  return true;
}
