import type { Approval } from "../../api/types";

/** What happens to the step if nobody answers in time. */
export function afterwards(approval: Pick<Approval, "on_timeout">): string {
  switch (approval.on_timeout) {
    case "continue":
      return "it goes on as if approved, with the defaults";
    case "reject":
      return "it counts as rejected: the step fails";
    default:
      return "the step times out and fails";
  }
}

/** Who is asked, and how many of them must say yes. */
export function whom(approval: Pick<Approval, "approvers" | "minimum" | "answers">): string {
  const { approvers, minimum } = approval;
  const yes = approval.answers.filter((one) => one.answer === "approved").length;
  const who = approvers === null ? "anyone who may approve" : approvers.join(", ");
  return minimum > 1 ? `${who}; ${yes} of ${minimum} have approved` : who;
}
