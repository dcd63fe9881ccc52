import "../design/graph.css";

import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";

import type { Graph } from "../api/pictures";
import { GraphSheet } from "./GraphSheet";
import { GraphTools } from "./GraphTools";
import { pressed } from "./keys";
import type { Box } from "./layout";
import { inFrame, READABLE } from "./sight";
import { type Standing, withoutTries } from "./standing";
import { useDrawing } from "./useDrawing";
import { useViewport, type Viewport } from "./useViewport";

/** Pixels for a bar below the drawing. */
const SCROLLBAR = 18;

interface Properties {
  readonly graph: Graph;
  readonly label: string;
  /** How a box stands; null if this is no workflow. */
  readonly look: ((box: Box) => Standing) | null;
  readonly selected: string | null;
  /** What is to be in sight: another one is scrolled to, whatever it is in. */
  readonly focus: string | null;
  readonly first: (loop: string) => string | null;
  readonly onSelect: (box: Box) => void;
  readonly onIterations?: (box: Box) => void;
  /** What is in sight now. */
  readonly onSeen?: (boxes: readonly Box[]) => void;
  /** A person went elsewhere. */
  readonly onMoved?: () => void;
  readonly tools?: ReactNode;
  /** Something beside the drawing. */
  readonly children?: ReactNode;
}

/**
 * Steps as nested boxes with lines to what follows on them. Only what is in sight is in the
 * document. For the keyboard and for those who hear the page it is a tree in reading order.
 */
export function GraphView(properties: Properties) {
  const { graph, label, look, selected, focus, first, onSelect, onIterations, onSeen } = properties;
  const { onMoved = nothing, tools, children } = properties;
  const name = useId();
  const element = useRef<HTMLDivElement>(null);
  const { layout, toggle, all } = useDrawing(graph, focus, first);
  const view = useViewport(element, layout, onMoved);
  const [active, setActive] = useState<string | null>(null);
  const places = useMemo(() => new Map(layout.boxes.map((box, at) => [box.path, at])), [layout]);
  const chosen = selected === null ? null : withoutTries(selected);
  const at = places.get(active ?? chosen ?? "") ?? -1;
  const seen = inFrame(layout, view.frame);

  const target = focus === null ? undefined : layout.boxes[places.get(withoutTries(focus)) ?? -1];
  useReveal(target, view);
  useEffect(() => {
    onSeen?.(seen.boxes.map(({ box }) => box));
  });

  const select = (box: Box) => {
    setActive(box.path);
    onSelect(box);
  };
  const flip = (box: Box) => {
    setActive(box.path);
    toggle(box.path, !box.open);
  };
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const go = (to: number) => {
      const box = layout.boxes[Math.max(0, Math.min(layout.boxes.length - 1, to))];
      if (box === undefined) return;
      setActive(box.path);
      view.reveal(box);
      onMoved();
    };
    if (pressed(event.key, { boxes: layout.boxes, at, go, select, flip, view }))
      event.preventDefault();
  };

  return (
    <div className={look === null ? "graph written" : "graph"}>
      <div className="graphtools">
        <GraphTools view={view} onAll={all} />
        {tools}
      </div>
      <div className="graphbody">
        <div
          ref={element}
          className={view.zoom < READABLE ? "canvas far" : "canvas"}
          role="tree"
          aria-label={label}
          tabIndex={0}
          style={{ height: layout.height * view.zoom + SCROLLBAR }}
          aria-activedescendant={
            seen.boxes.some((one) => one.at === at) ? `${name}-${at}` : undefined
          }
          onKeyDown={press}
        >
          <div
            role="none"
            className="extent"
            style={{ width: layout.width * view.zoom, height: layout.height * view.zoom }}
          >
            <GraphSheet
              name={name}
              seen={seen}
              zoom={view.zoom}
              look={look}
              selected={chosen}
              active={at}
              onSelect={select}
              onToggle={flip}
              onIterations={onIterations}
            />
          </div>
        </div>
        {children}
      </div>
    </div>
  );
}

function nothing(): void {
  // Nobody wants to know.
}

/** Scrolls to a box when it becomes another one, or appears. */
function useReveal(target: Box | undefined, view: Viewport): void {
  const shown = useRef<string | null>(null);
  useEffect(() => {
    const path = target?.path ?? null;
    if (target !== undefined && path !== shown.current) view.reveal(target);
    shown.current = path;
  });
}
