import { useId, useState } from "react";

import { idOf, type Outline, type StepList, type StepNode } from "../../builder/outline";
import { isWithin, type Path } from "../../builder/source";
import { Dialog } from "../../components/Dialog";
import { inWords } from "./words";

interface Place {
  readonly list: StepList;
  readonly label: string;
}

/** Every list into which a step can be moved, named by the way to it. */
export function placesFor(outline: Outline, from: Path): readonly Place[] {
  const of = from.at(-2) === "branches" ? "branch" : "step";
  const found: Place[] = [];
  const look = (lists: readonly StepList[], around: readonly string[]) => {
    for (const list of lists) {
      if (isWithin(list.path, from)) continue;
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
  readonly step: StepNode;
  readonly onMove: (list: Path, index: number) => void;
  readonly onClose: () => void;
}

/** Asks into which list, and where in it: what dragging does, without a pointer. */
export function MoveDialog({ outline, step, onMove, onClose }: Properties) {
  const id = useId();
  const places = placesFor(outline, step.path);
  const own = idOf(step.path.slice(0, -1));
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
      title={`Move ${step.title}`}
      action="Move it"
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
