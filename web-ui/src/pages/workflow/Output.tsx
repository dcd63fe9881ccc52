import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { address, request } from "../../api/client";
import { Problem } from "../../api/problem";
import { Failed, Loading } from "../../components/notices";
import { contentRange, joined, type Part, size, textOf } from "../../model/output";

const PIECE = 64 << 10;
const TAIL = `bytes=-${PIECE}`;
const AGAIN = 1500;

interface Properties {
  readonly workflow: string;
  readonly attempt: number;
  /** It may write more. */
  readonly growing: boolean;
}

/** What an attempt wrote: its end at once, whatever the size; earlier pieces when asked for. */
export function Output({ workflow, attempt, growing }: Properties) {
  const where = address(["workflows", workflow, "output"], { attempt });
  const { part, error, take } = useOutput(where, growing);
  const [follows, setFollows] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  const text = useMemo(() => (part === null ? "" : textOf(part)), [part]);
  useEffect(() => {
    if (follows && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [text, follows]);

  if (error !== null) return <Failed error={error} retry={() => void take(TAIL)} slim />;
  if (part === null) return <Loading what="output" />;
  if (part.total === 0) {
    return (
      <div className="notice slim soft">
        {growing ? "It has written nothing yet." : "It wrote nothing."}
      </div>
    );
  }
  const earlier = `bytes=${Math.max(0, part.start - PIECE)}-${part.start - 1}`;
  return (
    <>
      <header className="outputhead">
        <h3>Output</h3>
        <span className="soft">
          {size(part.total)}
          {part.start > 0 ? `, the last ${size(part.total - part.start)} shown` : ""}
        </span>
        {part.start > 0 ? (
          <button type="button" className="plain" onClick={() => void take(earlier)}>
            Show earlier
          </button>
        ) : null}
      </header>
      <pre
        ref={box}
        className="output"
        // Long output is scrolled with the keyboard, too.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label="Output"
        role="region"
        onScroll={(event) => {
          const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
          setFollows(scrollHeight - scrollTop - clientHeight < 24);
        }}
      >
        {text}
      </pre>
    </>
  );
}

interface Held {
  readonly part: Part | null;
  readonly error: Problem | null;
  readonly take: (range: string) => Promise<void>;
}

/** The part of an output that was read so far. While it grows, what is new is read again and again. */
function useOutput(where: string, growing: boolean): Held {
  const [part, setPart] = useState<Part | null>(null);
  const [error, setError] = useState<Problem | null>(null);
  const known = useRef<Part | null>(null);
  const take = useCallback(
    (range: string) =>
      fetchPart(where, range).then(
        (found) => {
          const before = known.current;
          if (found === null) known.current ??= { start: 0, bytes: new Uint8Array(), total: 0 };
          else known.current = before === null ? found : joined(before, found);
          setError(null);
          setPart(known.current);
        },
        (thrown: unknown) => {
          setError(Problem.of(thrown));
        },
      ),
    [where],
  );
  useEffect(() => {
    void take(TAIL);
    if (!growing) return undefined;
    const timer = window.setInterval(() => {
      const last = known.current;
      if (document.hidden || last === null) return;
      void take(last.total === 0 ? TAIL : `bytes=${last.start + last.bytes.length}-`);
    }, AGAIN);
    return () => {
      window.clearInterval(timer);
    };
  }, [growing, take]);
  return { part, error, take };
}

/** A range of the output; null if there is nothing there. */
async function fetchPart(where: string, range: string): Promise<Part | null> {
  let response: Response;
  try {
    response = await request(where, { headers: { accept: "text/plain", range } });
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 416) return null;
    throw thrown;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const found = contentRange(response.headers.get("content-range"));
  return { start: found?.start ?? 0, bytes, total: found?.total ?? bytes.length };
}
