import { address } from "../api/client";
import type { Workflow } from "../api/types";
import type { ServerEvent } from "./parser";
import { type Live, useLive } from "./useLive";

interface Handlers {
  /** The stream begins, or begins again: whatever was read before may be old. */
  readonly onHello: () => void;
  readonly onWorkflows?: (items: readonly Workflow[]) => void;
  /** One of schedules, deliveries, locks, playbooks is different now. */
  readonly onChanged?: (what: string) => void;
}

/** Follows what changes in the project as a whole. */
export function useProjectLive({ onHello, onWorkflows, onChanged }: Handlers): Live {
  return useLive(address(["stream"]), "", (event: ServerEvent) => {
    if (event.type === "hello") onHello();
    else if (event.type === "workflows") {
      onWorkflows?.((JSON.parse(event.data) as { items: Workflow[] }).items);
    } else if (event.type === "changed") {
      onChanged?.((JSON.parse(event.data) as { what: string }).what);
    }
  });
}
