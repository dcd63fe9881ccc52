import { type RefObject, useEffect, useRef } from "react";

import type { Block } from "../../builder/blocks";
import { copiedText } from "../../builder/clipboard";
import { EditError } from "../../builder/edits";
import { isBranch } from "./places";
import { type Bench, chosenBlock } from "./bench";
import { deed, type Do, pasted } from "./deeds";
import { counted } from "./words";

/** What was copied on this page last: where a browser keeps its clipboard to itself, it is enough. */
let kept = "";

export function lastCopied(): string {
  return kept;
}

/** Copies steps as YAML, for this page and for others; null if there are none. */
export function copyBlock(bench: Bench, block: Block, act: Do): string | null {
  if (typeof block.path.at(-1) !== "number") return null;
  try {
    kept = copiedText(bench.history.present.text, block);
  } catch (refused) {
    if (!(refused instanceof EditError)) throw refused;
    act({ kind: "say", said: refused.message, refused: true });
    return null;
  }
  const what = isBranch(block.path) ? "branch" : "step";
  const words = counted(block.count, what, what === "branch" ? "branches" : "steps");
  act({
    kind: "say",
    said: `Copied ${words}. Ctrl+V puts them after what is chosen.`,
    refused: false,
  });
  return kept;
}

interface Properties {
  readonly bench: Bench;
  readonly act: Do;
  readonly readOnly: boolean;
}

/**
 * Copy, cut and paste of the browser, as long as the keyboard is with a card. They are heard on the
 * document: without selected text a browser tells its body of them, whatever has the keyboard.
 */
export function useClipboard(frame: RefObject<HTMLElement | null>, properties: Properties): void {
  const latest = useRef(properties);
  useEffect(() => {
    latest.current = properties;
  });
  useEffect(() => {
    const here = (event: ClipboardEvent) => {
      const active = document.activeElement;
      const isCard = active?.getAttribute("role") === "treeitem";
      return !event.defaultPrevented && isCard && frame.current?.contains(active) === true;
    };
    const copy = (event: ClipboardEvent) => {
      const { bench, act, readOnly } = latest.current;
      const cut = event.type === "cut";
      if (!here(event) || (cut && readOnly)) return;
      const block = chosenBlock(bench);
      const text = copyBlock(bench, block, act);
      if (text === null) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (cut) act(deed("remove", block));
    };
    const paste = (event: ClipboardEvent) => {
      const { bench, act, readOnly } = latest.current;
      if (!here(event) || readOnly) return;
      event.preventDefault();
      const text = event.clipboardData?.getData("text/plain") ?? "";
      act(pasted(bench.history.present.selection, text));
    };
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [frame]);
}
