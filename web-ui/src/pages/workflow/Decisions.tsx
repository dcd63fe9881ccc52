import { useState } from "react";

import { useMay } from "../../api/session";
import type { Parked, WorkflowDetail } from "../../api/types";
import { type Preset, ResumeDialog } from "./ResumeDialog";

const MEANING: Readonly<Record<string, string>> = {
  rerun: "Run it again",
  skip: "Go on as if it were skipped",
  fail: "Count it as failed",
  retry: "Try it again",
  accept: "Accept it as it is",
};

/** What waits for a decision of a person, and the choices. */
export function Decisions({ workflow }: { workflow: WorkflowDetail }) {
  const [asked, setAsked] = useState<Preset | null>(null);
  const run = useMay("run");
  if (workflow.parked.length === 0) return null;
  return (
    <section className="panel" aria-label="Decisions">
      {workflow.parked.map((parked) => (
        <div className="notice attention" key={`${parked.path} ${parked.subject}`}>
          <p>
            <strong>{parked.path}</strong> needs a decision: {parked.message}
          </p>
          {run ? (
            <div className="actions">
              {parked.choices.map((choice) => (
                <button
                  key={choice}
                  type="button"
                  onClick={() => {
                    setAsked(presetOf(parked, choice));
                  }}
                >
                  {MEANING[choice] ?? choice}…
                </button>
              ))}
            </div>
          ) : (
            <p>A token with the scope run can decide.</p>
          )}
        </div>
      ))}
      {asked === null ? null : (
        <ResumeDialog
          workflow={workflow}
          paths={[]}
          preset={asked}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </section>
  );
}

function presetOf(parked: Parked, choice: string): Preset {
  return parked.subject === "compensation" ? { compensation: choice } : { unknown: choice };
}
