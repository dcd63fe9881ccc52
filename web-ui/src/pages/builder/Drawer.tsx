import { useRef, useState } from "react";

import { Problem } from "../../api/problem";
import { Failed, Loading } from "../../components/notices";
import type { FailureMatrix, Simulation } from "../../api/rehearsals";
import type { Placed } from "./answers";
import { FailureTable } from "../playbooks/FailureTable";
import { SimulationFindings } from "../playbooks/SimulationFindings";
import { Findings, type Ways } from "./Findings";
import { ask } from "./useCheck";

/** What is shown above the panes, if anything. */
export type Drawn = "none" | "findings" | "simulation" | "failures";
type Rehearsal = "simulation" | "failures";

interface Asked {
  readonly what: Rehearsal;
  readonly text: string;
  readonly environment: string;
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly answer: { readonly simulation?: Simulation; readonly failures?: FailureMatrix } | null;
}

/** A rehearsal of the text as it was when somebody asked for it. */
interface Rehearsals {
  readonly asked: Asked | null;
  readonly ask: (what: Rehearsal) => void;
  /** The text, or the environment, is another since. */
  readonly old: boolean;
}

function useRehearsals(text: string, name: string, environment: string): Rehearsals {
  const [asked, setAsked] = useState<Asked | null>(null);
  const turn = useRef(0);
  const begin = (what: Rehearsal) => {
    const mine = (turn.current += 1);
    const begun = { what, text, environment, busy: true, problem: null, answer: null };
    setAsked(begun);
    ask(`check/${what}`, text, name, environment).then(
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
  const old = asked !== null && (asked.text !== text || asked.environment !== environment);
  return { asked, ask: begin, old };
}

/** What is drawn above the panes, and how to have something else drawn. */
export interface Drawing {
  readonly drawn: Drawn;
  readonly rehearsals: Rehearsals;
  readonly draw: (what: Drawn) => void;
}

export function useDrawing(text: string, name: string, environment: string): Drawing {
  const [drawn, setDrawn] = useState<Drawn>("none");
  const rehearsals = useRehearsals(text, name, environment);
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
  readonly ways: Ways;
  /** Of a path as workflows name it. */
  readonly onStep: (path: string) => void;
}

/** Findings, simulation or failures, above what is edited. */
export function Drawer(properties: Properties) {
  const { drawn, rehearsals, draw } = properties.drawing;
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
              Again, as it is now
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
          <Findings findings={properties.findings} ways={properties.ways} />
        ) : (
          <Rehearsed {...properties} />
        )}
      </div>
    </section>
  );
}

function Rehearsed(properties: Properties) {
  const { drawing, onStep } = properties;
  const { asked, ask: again } = drawing.rehearsals;
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
        {findings.length > 0 ? <Findings findings={findings} ways={properties.ways} /> : null}
      </>
    );
  }
  const found = asked.answer;
  if (found?.simulation !== undefined) {
    return <SimulationFindings simulation={found.simulation} onGo={onStep} />;
  }
  if (found?.failures !== undefined) return <FailureTable matrix={found.failures} onGo={onStep} />;
  return <p>It has errors: nothing can be rehearsed before they are mended.</p>;
}
