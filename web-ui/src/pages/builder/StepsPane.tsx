import { useRef, useState } from "react";

import { keyAt, type Outline } from "../../builder/outline";
import type { PaletteEntry } from "../../builder/palette";
import type { Path } from "../../builder/source";
import { blockAt, chosenBlock } from "./bench";
import { copyBlock, lastCopied, useClipboard } from "./copying";
import { branchAdded, deed, type Deed, handlerAdded, moved, pasted } from "./deeds";
import type { Cargo } from "./dragging";
import type { markedSteps } from "./marks";
import { menuFor } from "./menu";
import type { PanesProperties } from "./Panes";
import { listAt, type Place } from "./places";
import { type MenuItem, StepMenu } from "./StepMenu";
import { StepsTools, useFinding } from "./StepsTools";
import { StepsTree } from "./StepsTree";
import { isInside, useFolds } from "./useFolds";

interface Properties extends PanesProperties {
  readonly flags: ReturnType<typeof markedSteps>;
  readonly onAdd: (entry: PaletteEntry, place: Place) => void;
  readonly onPalette: () => void;
  readonly onForm: () => void;
}

/** The tree of steps, how to find one, and the menu of what can be done with it. */
export function StepsPane(properties: Properties) {
  const { bench, act, title, readOnly, flags, grab, find, onGrab } = properties;
  const { outline } = bench;
  const { selection: chosen } = bench.history.present;
  const frame = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<{ items: readonly MenuItem[]; at: DOMRect } | null>(null);
  const { query, setQuery, found } = useFinding(outline);
  const key = keyAt(outline, chosen);
  const folds = useFolds(key);
  useClipboard(frame, { bench, act, readOnly });
  const choose = (path: Path) => {
    act({ kind: "choose", path });
  };
  return (
    <>
      <StepsTools
        outline={outline}
        chosen={chosen}
        input={find}
        query={query}
        onQuery={setQuery}
        found={found}
        onChoose={choose}
        onLeave={() => {
          setQuery("");
          onGrab();
        }}
        onFold={() => {
          choose(outermost(outline, chosen));
          folds.closeAll(outline);
        }}
        onUnfold={folds.openAll}
      />
      <StepsTree
        frame={frame}
        outline={outline}
        title={title}
        chosen={chosen}
        block={chosenBlock(bench)}
        closed={folds.closed}
        found={found}
        marks={flags}
        readOnly={readOnly}
        grab={grab}
        onChoose={choose}
        onExtend={(to) => {
          act({ kind: "extend", to });
        }}
        onAll={(list) => {
          choose([...list, 0]);
          act({ kind: "extend", to: [...list, (listAt(outline, list)?.steps.length ?? 1) - 1] });
        }}
        onFold={(one, path) => {
          if (isInside(key, one)) choose(path);
          folds.turn(one);
        }}
        onMenu={(path, at) => {
          setMenu({ at, items: menuOf(properties, path) });
        }}
        {...doing(properties)}
      />
      {menu === null ? null : (
        <StepMenu
          label="What can be done"
          at={menu.at}
          items={menu.items}
          onClose={() => {
            setMenu(null);
            onGrab();
          }}
        />
      )}
    </>
  );
}

/** What is done to the text from the tree. */
function doing({ bench, act, onAdd, onPalette, onForm }: Properties) {
  return {
    onPalette,
    onForm,
    onDrop: (what: Cargo, list: Path, index: number) => {
      if (what.kind === "new") onAdd(what.entry, { list, index });
      else act(moved(what.block, list, index));
    },
    onDeed: (what: Deed, path: Path) => {
      act(deed(what, blockAt(bench, path)));
    },
    onHandler: (path: Path, key: string) => {
      act(handlerAdded(path, key));
    },
    onBranch: (list: Path) => {
      act(branchAdded(list));
    },
  };
}

function menuOf({ bench, act, onMoveTo, onPalette }: Properties, path: Path): readonly MenuItem[] {
  const copied = lastCopied();
  return menuFor({
    bench,
    path,
    act,
    onPalette,
    onMoveTo: () => {
      onMoveTo(blockAt(bench, path));
    },
    onCopy: () => {
      const text = copyBlock(bench, blockAt(bench, path), act);
      // Other pages get it where the browser lets this one do that: not from far away over HTTP.
      if (text === null || !window.isSecureContext) return;
      navigator.clipboard.writeText(text).catch(() => {
        act({
          kind: "say",
          said: "Copied for this page: the browser keeps its clipboard.",
          refused: false,
        });
      });
    },
    onPaste:
      copied === ""
        ? null
        : () => {
            act(pasted(path, copied));
          },
  });
}

/** The outermost step around what is chosen; it stays in sight when all are folded. */
function outermost(outline: Outline, chosen: Path): Path {
  return listAt(outline, chosen.slice(0, 1)) === null || chosen.length < 2
    ? []
    : chosen.slice(0, 2);
}
