import type { WorkflowDetail } from "../../api/types";
import { Request } from "../approvals/Request";

/** What people are asked by this workflow now. */
export function Approvals({ workflow, now }: { workflow: WorkflowDetail; now: number }) {
  const open = (workflow.approvals ?? []).filter((one) => one.waits);
  if (open.length === 0) return null;
  return (
    <section className="panel" aria-label="Approvals">
      {open.map((approval) => (
        <Request key={approval.path} workflow={workflow.id} approval={approval} now={now} />
      ))}
    </section>
  );
}
