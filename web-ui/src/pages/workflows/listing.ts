import type { Workflow } from "../../api/types";

/** What the list is narrowed to, as the API names it. */
export interface Filter {
  readonly state: readonly string[];
  readonly playbook: string;
  readonly environment: string;
  readonly label: string;
  readonly since: string;
}

export function filterOf(query: URLSearchParams): Filter {
  const one = (name: string) => query.get(name) ?? "";
  return {
    state: query.getAll("state").filter((state) => state !== ""),
    playbook: one("playbook"),
    environment: one("environment"),
    label: one("label"),
    since: one("since"),
  };
}

export function isNarrow(filter: Filter): boolean {
  return (
    filter.state.length > 0 ||
    [filter.playbook, filter.environment, filter.label, filter.since].some((one) => one !== "")
  );
}

/** What changed since the page was read; what came before is dropped if that is `most` or more. */
export function latest(
  before: readonly Workflow[],
  items: readonly Workflow[],
  most: number,
): readonly Workflow[] {
  const again = new Set(items.map((one) => one.id));
  return [...(before.length < most ? before.filter((one) => !again.has(one.id)) : []), ...items];
}

/**
 * The page as it was read, with what became different since. A workflow that is new stands at the
 * top, if this is the first page and it is certain that it belongs there: what the filter asks of
 * labels only the server knows. One that the filter leaves out now is gone.
 */
export function merged(
  page: readonly Workflow[],
  changes: readonly Workflow[],
  filter: Filter,
  first: boolean,
): readonly Workflow[] {
  const changed = new Map(changes.map((one) => [one.id, one]));
  const here = new Set(page.map((one) => one.id));
  const kept = page.map((one) => changed.get(one.id) ?? one);
  const fresh = first && filter.label === "" ? changes.filter((one) => !here.has(one.id)) : [];
  const newest = page[0]?.created_at ?? "";
  return [...fresh.filter((one) => one.created_at >= newest), ...kept]
    .filter((one) => fits(one, filter))
    .sort((left, right) => compare(right.created_at, left.created_at));
}

function fits(one: Workflow, filter: Filter): boolean {
  return (
    (filter.state.length === 0 || filter.state.includes(one.state)) &&
    (filter.playbook === "" || one.playbook === filter.playbook) &&
    (filter.environment === "" || one.environment === filter.environment)
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
