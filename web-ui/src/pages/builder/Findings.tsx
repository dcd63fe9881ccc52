import type { StepNode } from "../../builder/outline";
import type { Path } from "../../builder/source";
import { Empty } from "../../components/notices";
import { Prose } from "./Prose";
import type { Placed } from "./answers";

const MOST = 100;
const TONES = { error: "failed", warning: "attention", note: "idle" } as const;

/** How to come from a finding to what it is about. */
export interface Ways {
  /** The step; null: the playbook itself. */
  readonly where: (finding: Placed) => StepNode | null;
  /** To its line. */
  readonly onGo: (finding: Placed) => void;
  /** To a card. */
  readonly onNode: (path: Path) => void;
}

interface Properties {
  readonly findings: readonly Placed[];
  readonly ways: Ways;
}

/** What the check found, the errors first; each leads to its line and its step. */
export function Findings({ findings, ways }: Properties) {
  const { where, onGo, onNode } = ways;
  if (findings.length === 0) {
    return <Empty title="Nothing is wrong">Neither an error nor a warning was found.</Empty>;
  }
  const order = ["error", "warning", "note"];
  const sorted = [...findings].sort(
    (one, other) => order.indexOf(one.severity) - order.indexOf(other.severity),
  );
  return (
    <>
      <ul className="findings">
        {sorted.slice(0, MOST).map((finding) => (
          <li key={`${finding.rule} ${finding.line} ${finding.column} ${finding.message}`}>
            <button
              type="button"
              className="plain"
              onClick={() => {
                onGo(finding);
              }}
            >
              line {finding.line}
            </button>
            <p>
              <At step={where(finding)} onNode={onNode} />
              <strong data-tone={TONES[finding.severity]}>{finding.severity}</strong>{" "}
              <Prose text={finding.message} /> <span className="soft">{finding.rule}</span>
            </p>
            {finding.hint === "" ? null : (
              <p className="soft">
                <Prose text={finding.hint} />
              </p>
            )}
          </li>
        ))}
      </ul>
      {findings.length > MOST ? <p className="soft">and {findings.length - MOST} more</p> : null}
    </>
  );
}

/** The step that it is about: its card is where it can be mended. */
function At({ step, onNode }: { step: StepNode | null; onNode: (path: Path) => void }) {
  if (step === null) return null;
  return (
    <>
      <button
        type="button"
        className="plain"
        aria-label={`Show ${step.title}`}
        onClick={() => {
          onNode(step.path);
        }}
      >
        {step.title}
      </button>{" "}
    </>
  );
}
