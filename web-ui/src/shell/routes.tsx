import type { ReactNode } from "react";

import type { Scope } from "../api/types";
import { Empty } from "../components/notices";
import { PlaybookPage } from "../pages/playbooks/PlaybookPage";
import { PlaybooksPage } from "../pages/playbooks/PlaybooksPage";
import { AuditPage } from "../pages/project/AuditPage";
import { CapacityPage } from "../pages/project/CapacityPage";
import { DeliveriesPage } from "../pages/project/DeliveriesPage";
import { SchedulesPage } from "../pages/project/SchedulesPage";
import { WorkflowPage } from "../pages/workflow/WorkflowPage";
import { WorkflowsPage } from "../pages/workflows/WorkflowsPage";
import { Link } from "./Link";
import { matches, type Names } from "./router";

interface Section {
  readonly to: string;
  readonly title: string;
  /** Who lacks this scope is not shown the way there. */
  readonly scope: Scope;
}

/** The pages that stand in the navigation. */
export const SECTIONS: readonly Section[] = [
  { to: "/workflows", title: "Workflows", scope: "view" },
  { to: "/playbooks", title: "Playbooks", scope: "view" },
  { to: "/schedules", title: "Schedules", scope: "view" },
  { to: "/capacity", title: "Capacity and locks", scope: "view" },
  { to: "/deliveries", title: "Deliveries", scope: "view" },
  { to: "/audit", title: "Audit", scope: "admin" },
];

interface Route {
  readonly pattern: string;
  readonly section: string;
  readonly title: (names: Names) => string;
  readonly page: (names: Names) => ReactNode;
}

const ROUTES: readonly Route[] = [
  {
    pattern: "/workflows",
    section: "/workflows",
    title: () => "Workflows",
    page: () => <WorkflowsPage />,
  },
  {
    pattern: "/workflows/:id",
    section: "/workflows",
    title: ({ id = "" }) => id,
    page: ({ id = "" }) => <WorkflowPage key={id} id={id} />,
  },
  {
    pattern: "/playbooks",
    section: "/playbooks",
    title: () => "Playbooks",
    page: () => <PlaybooksPage />,
  },
  {
    pattern: "/playbooks/*name",
    section: "/playbooks",
    title: ({ name = "" }) => name,
    page: ({ name = "" }) => <PlaybookPage key={name} name={name} />,
  },
  ...single("/schedules", "Schedules", <SchedulesPage />),
  ...single("/capacity", "Capacity and locks", <CapacityPage />),
  ...single("/deliveries", "Deliveries", <DeliveriesPage />),
  ...single("/audit", "Audit", <AuditPage />),
];

function single(pattern: string, title: string, page: ReactNode): readonly Route[] {
  return [{ pattern, section: pattern, title: () => title, page: () => page }];
}

interface Found {
  readonly section: string;
  readonly title: string;
  readonly element: ReactNode;
}

/** The page of a path. `/` is the list of workflows. */
export function pageAt(path: string): Found {
  const asked = path === "/" ? "/workflows" : path;
  for (const route of ROUTES) {
    const names = matches(route.pattern, asked);
    if (names !== null) {
      return { section: route.section, title: route.title(names), element: route.page(names) };
    }
  }
  return { section: "", title: "No such page", element: <Nowhere path={path} /> };
}

function Nowhere({ path }: { path: string }) {
  return (
    <>
      <h1>There is no such page</h1>
      <section className="panel">
        <Empty title="Nothing is here">
          <p>
            The console has nothing at <code>{path}</code>.{" "}
            <Link to="/workflows">Go to the workflows</Link>.
          </p>
        </Empty>
      </section>
    </>
  );
}
