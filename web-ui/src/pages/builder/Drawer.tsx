import { useRef, useState } from "react";

import { Problem } from "../../api/problem";
import type { Finding } from "../../api/types";
import { Failed, Loading } from "../../components/notices";
import type { FailureMatrix, Simulation } from "../../api/rehearsals";
import type { Placed } from "./answers";
import { Findings } from "./Findings";
import { FailuresFound, SimulationFound } from "./Rehearsals";
import { ask } from "./useCheck";

/** What is shown above the panes, if anything. */
export type Drawn = "none" | "findings" | "simulation" | "failures";
type Rehearsal = "simulation" | "failures";

interface Asked {
  readonly what: Rehearsal;
  readonly text: string;
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly answer: { readonly simulation?: Simulation; readonly failures?: FailureMatrix } | null;
}

/** A rehearsal of the text as it was when somebody asked for it. */
interface Rehearsals {
  readonly asked: Asked | null;
  readonly ask: (what: Rehearsal) => void;
  /** The text was changed since. */
  readonly old: boolean;
}

function useRehearsals(text: string, name: string): Rehearsals {
  const [asked, setAsked] = useState<Asked | null>(null);
  const turn = useRef(0);
  const begin = (what: Rehearsal) => {
    const mine = (turn.current += 1);
    const begun = { what, text, busy: true, problem: null, answer: null };
    setAsked(begun);
    ask(`check/${what}`, text, name, "").then(
      (answer) => {
        if (mine !== turn.current) return;
        setAsked({ ...begun, busy: false, answer: answer as Asked["answer"] });
      },
      (reason: unknown) => {
        if (mine !== turn.current) return;
        setAsked({ ...begun, busy: false, problem: Problem.of(reason) });
      },
    );
  };
  return { asked, ask: begin, old: asked !== null && asked.text !== text };
}

/** What is drawn above the panes, and how to have something else drawn. */
export interface Drawing {
  readonly drawn: Drawn;
  readonly rehearsals: Rehearsals;
  readonly draw: (what: Drawn) => void;
}

export function useDrawing(text: string, name: string): Drawing {
  const [drawn, setDrawn] = useState<Drawn>("none");
  const rehearsals = useRehearsals(text, name);
  const draw = (what: Drawn) => {
    setDrawn(what === "findings" && drawn === what ? "none" : what);
    if (what === "simulation" || what === "failures") rehearsals.ask(what);
  };
  return { drawn, rehearsals, draw };
}

const TITLES = {
  findings: "What the check found",
  simulation: "Every way through it",
  failures: "What comes of failures",
} as const;

interface Properties {
  readonly drawing: Drawing;
  readonly findings: readonly Placed[];
  readonly onGo: (finding: Finding) => void;
  readonly onStep: (path: string) => void;
}

/** Findings, simulation or failures, above what is edited. */
export function Drawer({ drawing, findings, onGo, onStep }: Properties) {
  const { drawn, rehearsals, draw } = drawing;
  if (drawn === "none") return null;
  return (
    <section className="panel drawer" aria-label={TITLES[drawn]}>
      <header>
        <h2>{TITLES[drawn]}</h2>
        <div className="actions">
          {drawn !== "findings" && rehearsals.old ? (
            <button
              type="button"
              onClick={() => {
                rehearsals.ask(drawn);
              }}
            >
              Again, with what was changed since
            </button>
          ) : null}
          <button
            type="button"
            onClick={() => {
              draw("none");
            }}
          >
            Close
          </button>
        </div>
      </header>
      <div className="inside stack">
        {drawn === "findings" ? (
          <Findings findings={findings} onGo={onGo} />
        ) : (
          <Rehearsed rehearsals={rehearsals} onGo={onGo} onStep={onStep} />
        )}
      </div>
    </section>
  );
}

interface RehearsedProperties {
  readonly rehearsals: Rehearsals;
  readonly onGo: (finding: Finding) => void;
  readonly onStep: (path: string) => void;
}

function Rehearsed({ rehearsals, onGo, onStep }: RehearsedProperties) {
  const { asked, ask: again } = rehearsals;
  if (asked === null) return null;
  if (asked.busy) return <Loading what="the rehearsal" />;
  if (asked.problem !== null) {
    const { findings } = asked.problem;
    return (
      <>
        <Failed
          error={asked.problem}
          slim
          retry={() => {
            again(asked.what);
          }}
        />
        {findings.length > 0 ? <Findings findings={findings} onGo={onGo} /> : null}
      </>
    );
  }
  const found = asked.answer;
  if (found?.simulation !== undefined) {
    return <SimulationFound found={found.simulation} onGo={onStep} />;
  }
  if (found?.failures !== undefined) return <FailuresFound found={found.failures} onGo={onStep} />;
  return <p>It has errors: nothing can be rehearsed before they are mended.</p>;
}
