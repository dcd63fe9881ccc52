import { GraphBox } from "./GraphBox";
import type { Box } from "./layout";
import { drawn, READABLE, type Sight } from "./sight";
import type { Standing } from "./standing";

interface Properties {
  readonly name: string;
  readonly seen: Sight;
  readonly zoom: number;
  readonly look: ((box: Box) => Standing) | null;
  readonly selected: string | null;
  /** The position of the box that the keyboard is at. */
  readonly active: number;
  readonly onSelect: (box: Box) => void;
  readonly onToggle: (box: Box) => void;
  readonly onIterations: ((box: Box) => void) | undefined;
}

/** What is in sight: frames below, then lines, then boxes. */
export function GraphSheet(properties: Properties) {
  const { name, seen, zoom, look, selected, active, onSelect, onToggle, onIterations } = properties;
  const far = zoom < READABLE;
  return (
    <div role="none" className="sheet" style={{ transform: `scale(${zoom})` }}>
      {seen.lanes.map((lane) => (
        <div
          key={`${lane.x} ${lane.y}`}
          role="none"
          className={lane.aside ? "lane aside" : "lane"}
          style={{ left: lane.x, top: lane.y, width: lane.width, height: lane.height }}
        >
          {far ? null : <span aria-hidden="true">{lane.caption.replaceAll("_", " ")}</span>}
        </div>
      ))}
      <svg className="links" width="1" height="1" aria-hidden="true">
        <defs>
          <marker
            id={`${name}-tip`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {seen.lines.map((line) => {
          const data = drawn(line);
          return <path key={data} d={data} markerEnd={far ? undefined : `url(#${name}-tip)`} />;
        })}
      </svg>
      {seen.boxes.map(({ box, at: place }) => (
        <GraphBox
          key={box.path}
          id={`${name}-${place}`}
          box={box}
          standing={look === null ? null : look(box)}
          selected={box.path === selected}
          active={place === active}
          far={far}
          onSelect={onSelect}
          onToggle={onToggle}
          onIterations={onIterations}
        />
      ))}
    </div>
  );
}
