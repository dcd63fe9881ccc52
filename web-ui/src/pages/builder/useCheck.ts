import { useEffect, useState } from "react";

import { address, request } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Checked } from "./answers";

/** What the server said of a text: of that on the page, or of one that was there before. */
export interface Check {
  /** The last answer; null before the first. */
  readonly answer: Checked | null;
  /** The answer is about the text as it is now. */
  readonly current: boolean;
  readonly problem: Problem | null;
}

const REST = 400;

interface Heard {
  readonly text: string;
  readonly environment: string;
  readonly answer: Checked | null;
  readonly problem: Problem | null;
}

const NOTHING: Heard = { text: "", environment: "", answer: null, problem: null };

const UNCHECKED: Check = { answer: null, current: true, problem: null };

/** Has the text checked whenever it has rested for a moment. A null text is not checked. */
export function useCheck(text: string | null, name: string, environment: string): Check {
  const [heard, setHeard] = useState<Heard>(NOTHING);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (text === null) return undefined;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      ask("check", text, name, environment, abort.signal).then(
        (answer) => {
          setHeard({ text, environment, answer: answer as Checked, problem: null });
        },
        (reason: unknown) => {
          if (abort.signal.aborted) return;
          setHeard((before) => ({ ...before, text, environment, problem: Problem.of(reason) }));
        },
      );
    }, REST);
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [text, name, environment, turn]);

  // A server that could not be reached is asked again by itself.
  const lost = heard.problem !== null && heard.problem.status === 0;
  useEffect(() => {
    if (!lost) return undefined;
    const timer = window.setTimeout(() => {
      setTurn((before) => before + 1);
    }, 5000);
    return () => {
      window.clearTimeout(timer);
    };
  }, [lost, turn]);
  const current = heard.text === text && heard.environment === environment;
  if (text === null) return UNCHECKED;
  return { answer: heard.answer, current, problem: heard.problem };
}

/** Ask about a text that is not saved: `check`, `check/simulation`, or `check/failures`. */
export async function ask(
  what: "check" | "check/simulation" | "check/failures",
  text: string,
  name: string,
  environment: string,
  signal?: AbortSignal,
): Promise<unknown> {
  const body = {
    text,
    ...(name === "" ? {} : { name }),
    ...(environment === "" ? {} : { environment }),
  };
  const response = await request(address(what.split("/")), {
    method: "POST",
    body,
    ...(signal === undefined ? {} : { signal }),
  });
  return response.json();
}
