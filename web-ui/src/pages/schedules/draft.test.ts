import { describe, expect, it } from "vitest";

import { BLANK, bodyOf, draftOf, jitterObjection } from "./draft";

const FIELDS = [
  { name: "version", type: "string", required: true },
  { name: "count", type: "integer", default: 3 },
];

describe("a schedule that is written", () => {
  it("leaves out what the server decides", () => {
    const draft = { ...BLANK, playbook: "nightly" };
    const body = bodyOf(draft, FIELDS, { version: "2.1", count: "3" }, NEW);
    expect(body).toEqual({
      playbook: "nightly",
      cron: "0 2 * * *",
      parameters: { version: "2.1" },
      enabled: false,
      dst: "run-once",
      catch_up: "latest",
      overlap: "skip",
      jitter: 0,
      replace: false,
      yes: false,
    });
  });

  it("replaces the one that it was made of", () => {
    const draft = draftOf({
      name: "n",
      playbook: "p",
      cron: "@daily",
      time_zone: "Europe/Berlin",
      environment: "production",
      parameters: {},
      actor: "ada",
      enabled: true,
      declared_in: null,
      next_at: null,
      dst: "skip",
      catch_up: "all",
      overlap: "queue",
      jitter: 30,
    });
    const body = bodyOf(draft, [], {}, { existing: true, yes: true });
    expect(body).toMatchObject({
      name: "n",
      time_zone: "Europe/Berlin",
      environment: "production",
      dst: "skip",
      catch_up: "all",
      overlap: "queue",
      jitter: 30,
      enabled: true,
      replace: true,
      yes: true,
    });
  });

  it("puts slots off by a number of seconds", () => {
    expect(["", "soon", "-1", "90000"].map(jitterObjection)).not.toContain("");
    expect(["0", "1.5", "86400"].map(jitterObjection)).toEqual(["", "", ""]);
  });
});

const NEW = { existing: false, yes: false };
