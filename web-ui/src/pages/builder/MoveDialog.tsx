import { useId, useState } from "react";

import { type Block, isInBlock } from "../../builder/blocks";
import { idOf, type Outline, stepAt, type StepList } from "../../builder/outline";
import type { Path } from "../../builder/source";
import { Dialog } from "../../components/Dialog";
import { isBranch } from "./places";
import { inWords } from "./words";

interface Place {
  readonly list: StepList;
  readonly label: string;
}

/** Every list into which steps can be moved, named by the way to it. */
function placesFor(outline: Outline, block: Block): readonly Place[] {
  const of = isBranch(block.path) ? "branch" : "step";
  const found: Place[] = [];
  const look = (lists: readonly StepList[], around: readonly string[]) => {
    for (const list of lists) {
      if (isInBlock(list.path, block)) continue;
      const way = [...around, inWords(list.key)];
      if (list.of === of) found.push({ list, label: way.join(" / ") });
      for (const step of list.steps) look(step.lists, [...way, step.title]);
    }
  };
  look(outline.lists, []);
  return found;
}

interface Properties {
  readonly outline: Outline;
  readonly block: Block;
  readonly onMove: (list: Path, index: number) => void;
  readonly onClose: () => void;
}

/** Asks into which list, and where in it: what dragging does, without a pointer. */
export function MoveDialog({ outline, block, onMove, onClose }: Properties) {
  const id = useId();
  const places = placesFor(outline, block);
  const title = stepAt(outline, block.path)?.title ?? "";
  const own = idOf(block.path.slice(0, -1));
  const [where, setWhere] = useState(() =>
    Math.max(
      0,
      places.findIndex((one) => idOf(one.list.path) === own),
    ),
  );
  const list = places[where]?.list;
  const steps = list?.steps ?? [];
  const [index, setIndex] = useState(0);
  return (
    <Dialog
      title={`Move ${block.count === 1 ? title : `${block.count} steps`}`}
      action={block.count === 1 ? "Move it" : "Move them"}
      blocked={list === undefined}
      onConfirm={() => {
        if (list !== undefined) onMove(list.path, Math.min(index, steps.length));
        return Promise.resolve();
      }}
      onClose={onClose}
    >
      <div className="field">
        <label htmlFor={`${id}-list`}>Into</label>
        <select
          id={`${id}-list`}
          value={where}
          onChange={(event) => {
            setWhere(Number(event.target.value));
            setIndex(0);
          }}
        >
          {places.map((place, number) => (
            <option key={idOf(place.list.path)} value={number}>
              {place.label}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}-place`}>There</label>
        <select
          id={`${id}-place`}
          value={index}
          onChange={(event) => {
            setIndex(Number(event.target.value));
          }}
        >
          <option value={0}>first</option>
          {steps.map((one, number) => (
            <option key={one.id} value={number + 1}>
              after {one.title}
            </option>
          ))}
        </select>
      </div>
    </Dialog>
  );
}
