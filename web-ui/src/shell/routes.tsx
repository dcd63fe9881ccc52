import { lazy, type ReactNode } from "react";

import type { Scope } from "../api/types";
import { WorkflowsPage } from "../pages/workflows/WorkflowsPage";
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
  { to: "/approvals", title: "Approvals", scope: "view" },
  { to: "/playbooks", title: "Playbooks", scope: "view" },
  { to: "/schedules", title: "Schedules", scope: "view" },
  { to: "/capacity", title: "Capacity and locks", scope: "view" },
  { to: "/integrations", title: "Integrations", scope: "view" },
  { to: "/deliveries", title: "Deliveries", scope: "view" },
  { to: "/audit", title: "Audit", scope: "admin" },
  { to: "/tokens", title: "Tokens", scope: "admin" },
];

// The code of a page is fetched when it is first shown; the list of workflows comes at once.
const ApprovalsPage = lazy(async () => ({
  default: (await import("../pages/approvals/ApprovalsPage")).ApprovalsPage,
}));
const AuditPage = lazy(async () => ({
  default: (await import("../pages/project/AuditPage")).AuditPage,
}));
const BuilderPage = lazy(async () => ({
  default: (await import("../pages/builder/BuilderPage")).BuilderPage,
}));
const CapacityPage = lazy(async () => ({
  default: (await import("../pages/project/CapacityPage")).CapacityPage,
}));
const DeliveriesPage = lazy(async () => ({
  default: (await import("../pages/project/DeliveriesPage")).DeliveriesPage,
}));
const IntegrationsPage = lazy(async () => ({
  default: (await import("../pages/project/IntegrationsPage")).IntegrationsPage,
}));
const NowherePage = lazy(async () => ({
  default: (await import("../pages/NowherePage")).NowherePage,
}));
const PlaybookPage = lazy(async () => ({
  default: (await import("../pages/playbooks/PlaybookPage")).PlaybookPage,
}));
const PlaybooksPage = lazy(async () => ({
  default: (await import("../pages/playbooks/PlaybooksPage")).PlaybooksPage,
}));
const ScheduleEditor = lazy(async () => ({
  default: (await import("../pages/schedules/ScheduleEditor")).ScheduleEditor,
}));
const SchedulePage = lazy(async () => ({
  default: (await import("../pages/schedules/SchedulePage")).SchedulePage,
}));
const SchedulesPage = lazy(async () => ({
  default: (await import("../pages/schedules/SchedulesPage")).SchedulesPage,
}));
const TokensPage = lazy(async () => ({
  default: (await import("../pages/project/TokensPage")).TokensPage,
}));
const WorkflowPage = lazy(async () => ({
  default: (await import("../pages/workflow/WorkflowPage")).WorkflowPage,
}));

interface Route {
  readonly pattern: string;
  readonly section: string;
  readonly title: (names: Names) => string;
  readonly page: (names: Names) => ReactNode;
}

const ROUTES: readonly Route[] = [
  ...single("/workflows", "Workflows", <WorkflowsPage />),
  {
    pattern: "/workflows/:id",
    section: "/workflows",
    title: ({ id = "" }) => id,
    page: ({ id = "" }) => <WorkflowPage key={id} id={id} />,
  },
  ...single("/approvals", "Approvals", <ApprovalsPage />),
  ...single("/playbooks", "Playbooks", <PlaybooksPage />),
  {
    pattern: "/playbooks/:name/edit",
    section: "/playbooks",
    title: ({ name = "" }) => `Edit ${name}`,
    page: ({ name = "" }) => <BuilderPage name={name} />,
  },
  {
    pattern: "/build",
    section: "/playbooks",
    title: () => "New playbook",
    page: () => <BuilderPage name={null} />,
  },
  {
    pattern: "/playbooks/*name",
    section: "/playbooks",
    title: ({ name = "" }) => name,
    page: ({ name = "" }) => <PlaybookPage key={name} name={name} />,
  },
  ...single("/schedules", "Schedules", <SchedulesPage />),
  {
    pattern: "/schedules/:name",
    section: "/schedules",
    title: ({ name = "" }) => name,
    page: ({ name = "" }) => <SchedulePage key={name} name={name} />,
  },
  {
    pattern: "/schedules/:name/edit",
    section: "/schedules",
    title: ({ name = "" }) => `Change ${name}`,
    page: ({ name = "" }) => <ScheduleEditor key={name} name={name} />,
  },
  {
    pattern: "/new/schedule",
    section: "/schedules",
    title: () => "New schedule",
    page: () => <ScheduleEditor name={null} />,
  },
  ...single("/capacity", "Capacity and locks", <CapacityPage />),
  ...single("/integrations", "Integrations", <IntegrationsPage />),
  ...single("/deliveries", "Deliveries", <DeliveriesPage />),
  ...single("/audit", "Audit", <AuditPage />),
  ...single("/tokens", "Tokens", <TokensPage />),
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
  return {
    section: "",
    title: "No such page",
    element: <NowherePage path={path} sections={SECTIONS} />,
  };
}
