import { createContext, useContext } from "react";

import type { Hold, OpenApproval } from "../api/project";
import type { Page } from "../api/types";
import type { Resource } from "../components/useResource";

/** What everybody should know of, on whichever page. */
export interface Inbox {
  /** What waits for an answer, the oldest first. */
  readonly approvals: Resource<Page<OpenApproval>>;
  /** What keeps new workflows from beginning. */
  readonly hold: Resource<Hold>;
}

const NOTHING = { value: null, error: null, busy: false, reload: () => undefined };

export const InboxContext = createContext<Inbox>({ approvals: NOTHING, hold: NOTHING });

export function useInbox(): Inbox {
  return useContext(InboxContext);
}
