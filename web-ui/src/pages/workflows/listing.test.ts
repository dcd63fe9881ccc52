import { describe, expect, it } from "vitest";

import type { Workflow } from "../../api/types";
import { type Filter, filterOf, latest, merged } from "./listing";

function workflow(number: number, state: string): Workflow {
  return {
    id: `WF-2026-00${number}`,
    playbook: "deploy",
    state,
    owner: null,
    environment: "dev",
    parameters: {},
    actor: "ada",
    reason: "",
    created_at: `2026-11-23T05:00:0${number}Z`,
    started_at: null,
    finished_at: null,
    resume_at: null,
    waits_for: [],
  };
}

const all: Filter = { state: [], playbook: "", environment: "", label: "", since: "" };
const ids = (list: readonly Workflow[]) => list.map((one) => `${one.id.slice(-1)} ${one.state}`);

describe("latest", () => {
  it("keeps each workflow once, as it was told last", () => {
    const before = [workflow(1, "running"), workflow(2, "running")];
    expect(ids(latest(before, [workflow(1, "failed")], 3))).toEqual(["2 running", "1 failed"]);
  });

  it("begins anew when there are too many", () => {
    const before = [workflow(1, "running"), workflow(2, "running")];
    expect(ids(latest(before, [workflow(3, "queued")], 2))).toEqual(["3 queued"]);
  });
});

describe("merged", () => {
  const page = [workflow(3, "running"), workflow(2, "failed")];

  it("shows what changed in its place", () => {
    expect(ids(merged(page, [workflow(3, "succeeded")], all, true))).toEqual([
      "3 succeeded",
      "2 failed",
    ]);
  });

  it("puts what is new at the top of the first page", () => {
    expect(ids(merged(page, [workflow(4, "queued")], all, true))).toEqual([
      "4 queued",
      "3 running",
      "2 failed",
    ]);
  });

  it("leaves what is new out of later pages, and what is older than this page", () => {
    expect(ids(merged(page, [workflow(4, "queued")], all, false))).toEqual([
      "3 running",
      "2 failed",
    ]);
    expect(ids(merged(page, [workflow(1, "queued")], all, true))).toEqual([
      "3 running",
      "2 failed",
    ]);
  });

  it("drops what the filter leaves out now", () => {
    const running = { ...all, state: ["running"] };
    expect(ids(merged([workflow(3, "running")], [workflow(3, "failed")], running, true))).toEqual(
      [],
    );
  });

  it("does not guess which playbooks have a label", () => {
    const labelled = { ...all, label: "deployment" };
    expect(ids(merged(page, [workflow(4, "queued")], labelled, true))).toEqual([
      "3 running",
      "2 failed",
    ]);
  });
});

describe("filterOf", () => {
  it("reads states that are named several times", () => {
    expect(filterOf(new URLSearchParams("state=failed&state=running&state=")).state).toEqual([
      "failed",
      "running",
    ]);
  });
});
