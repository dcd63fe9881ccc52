import type { Finding } from "../../api/types";
import { Empty } from "../../components/notices";

const MOST = 100;
const TONES = { error: "failed", warning: "attention", note: "idle" } as const;

interface Properties {
  readonly findings: readonly Finding[];
  readonly onGo: (finding: Finding) => void;
}

/** What the check found, the errors first; each leads to its line and its step. */
export function Findings({ findings, onGo }: Properties) {
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
              <strong data-tone={TONES[finding.severity]}>{finding.severity}</strong>{" "}
              {finding.message} <code>{finding.rule}</code>
            </p>
            {finding.hint === "" ? null : <p className="soft">{finding.hint}</p>}
          </li>
        ))}
      </ul>
      {findings.length > MOST ? <p className="soft">and {findings.length - MOST} more</p> : null}
    </>
  );
}
