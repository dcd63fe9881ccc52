import {
  type DragEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

import { type Block, pathsIn } from "../../builder/blocks";
import { idOf, type Outline, type StepList, type StepNode } from "../../builder/outline";
import { type Path, samePath } from "../../builder/source";
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
import { pathAround, pressed, type TreeDoes } from "./treeKeys";

interface Properties extends TreeDoes {
  readonly outline: Outline;
  readonly title: string;
  readonly chosen: Path;
  readonly closed: ReadonlySet<string>;
  readonly found: readonly StepNode[];
  readonly marks: ReadonlyMap<string, Marked>;
  /** Another number: the keyboard is to go to what is chosen. */
  readonly grab: number;
  readonly onDrop: (cargo: Cargo, list: Path, index: number) => void;
  readonly onHandler: (path: Path, key: string) => void;
  readonly onBranch: (list: Path) => void;
  readonly frame: RefObject<HTMLDivElement | null>;
}

/**
 * The playbook as nested cards. Clicks, keys and drags of all cards are heard here: a thousand of
 * them have no listeners of their own.
 */
export function StepsTree(properties: Properties) {
  const { outline, title, chosen, block, readOnly, frame, onChoose } = properties;
  const view = useView(properties);
  const id = idOf(chosen);
  // Whether the keyboard is with the steps, also while the card that had it is taken away.
  const keptRef = useRef(false);
  useFocusOn(frame, keptRef, id, outline, properties.grab);
  const drag = useDrags(frame, properties);
  // One of several was taken hold of, perhaps to drag them all: until it is let go they stay chosen.
  const gripRef = useRef(false);

  return (
    <div className="steps-frame" ref={frame} {...drag.handlers}>
      <div
        className="steps-tree"
        role="tree"
        aria-label="Steps"
        aria-multiselectable="true"
        tabIndex={-1}
        onMouseDown={(event) => {
          // The keyboard would go to what is clicked, and that would be chosen alone.
          if (event.shiftKey) event.preventDefault();
          const path = event.target instanceof Element ? pathAround(event.target) : null;
          gripRef.current = path !== null && block.count > 1 && isOneOf(path, block);
        }}
        onClick={(event) => {
          gripRef.current = false;
          clicked(event, properties);
        }}
        onKeyDown={(event) => {
          gripRef.current = false;
          if (frame.current !== null) pressed(event, frame.current, properties);
        }}
        onBlur={(event) => {
          if (event.relatedTarget !== null) keptRef.current = false;
        }}
        onFocus={(event) => {
          keptRef.current = true;
          const path = ownPath(event.target);
          if (path !== null && idOf(path) !== id && !gripRef.current) onChoose(path);
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

const NONE: ReadonlySet<string> = new Set();

function useView({ block, closed, found, marks, readOnly }: Properties): View {
  const { count } = block;
  const first = idOf(block.path);
  const several = useMemo(() => {
    if (count < 2) return NONE;
    const path = first.split("/");
    return new Set(pathsIn({ path, count }).map(idOf));
  }, [first, count]);
  const hits = useMemo(() => new Set(found.map((one) => one.id)), [found]);
  return useMemo<View>(
    () => ({ closed, several, found: hits, marks, readOnly }),
    [closed, several, hits, marks, readOnly],
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
  const { block, onDrop, readOnly } = properties;
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
      const all = isOneOf(path, block) ? block : { path, count: 1 };
      lift({ kind: "move", block: all, of });
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

/** The path of a card or lane, if that itself is meant and nothing in it. */
function ownPath(element: Element): Path | null {
  return element.getAttribute("role") === "treeitem" ? pathAround(element) : null;
}

function isOneOf(path: Path, block: Block): boolean {
  return pathsIn(block).some((one) => samePath(one, path));
}

function clicked(event: MouseEvent, properties: Properties): void {
  if (!(event.target instanceof Element)) return;
  const path = pathAround(event.target);
  if (path === null) return;
  const button = event.target.closest<HTMLElement>("button");
  if (button?.dataset.fold !== undefined) {
    properties.onFold(button.dataset.fold, path);
    return;
  }
  const menu = button?.dataset.menu !== undefined;
  if (event.shiftKey && button === null) properties.onExtend(path);
  else if (!(menu && isOneOf(path, properties.block))) properties.onChoose(path);
  if (button === null) return;
  if (menu) properties.onMenu(path, button.getBoundingClientRect());
  else if (button.dataset.branch !== undefined) properties.onBranch(path);
  else if (button.dataset.handler !== undefined) properties.onHandler(path, button.dataset.handler);
}
