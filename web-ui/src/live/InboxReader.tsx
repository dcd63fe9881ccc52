import { type ReactNode, useEffect, useMemo, useRef } from "react";

import { address, read } from "../api/client";
import type { Hold, OpenApproval } from "../api/project";
import type { Page, Workflow } from "../api/types";
import { useResource } from "../components/useResource";
import { InboxContext } from "./inbox";
import { useProjectLive } from "./useProjectLive";
import { useSoon } from "./useLiveResource";

/** Keeps an eye on what waits for people, and on what lets nothing new begin. */
export function InboxReader({ children }: { children: ReactNode }) {
  const asked = address(["approvals"]);
  const held = address(["hold"]);
  const approvals = useResource(asked, (signal) => read<Page<OpenApproval>>(asked, signal));
  const hold = useResource(held, (signal) => read<Hold>(held, signal));
  const lookForApprovals = useSoon(approvals.reload);
  const lookForHold = useSoon(hold.reload);
  const waiting = useRef(new Set<string>());
  useProjectLive({
    onHello: () => {
      lookForApprovals();
      lookForHold();
    },
    onWorkflows: (items) => {
      if (concerns(items, waiting.current)) lookForApprovals();
    },
    onChanged: (what) => {
      if (what === "hold") lookForHold();
      if (what === "approvals") lookForApprovals();
    },
  });
  useEffect(() => {
    for (const one of approvals.value?.items ?? []) waiting.current.add(one.workflow);
  }, [approvals.value]);
  const inbox = useMemo(() => ({ approvals, hold }), [approvals, hold]);
  return <InboxContext value={inbox}>{children}</InboxContext>;
}

/** Whether one of these workflows begins or ceases to wait; remembers which wait. */
function concerns(items: readonly Workflow[], waiting: Set<string>): boolean {
  let found = false;
  for (const one of items) {
    const waits = one.state === "waiting";
    if (waits || waiting.has(one.id)) found = true;
    if (waits) waiting.add(one.id);
    else waiting.delete(one.id);
  }
  return found;
}
