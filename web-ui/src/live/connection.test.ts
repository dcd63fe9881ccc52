import { describe, expect, it } from "vitest";

import { LiveConnection, type LiveState, type Surroundings, waitBefore } from "./connection";
import type { ServerEvent } from "./parser";

/** A server and a clock in the hands of the test. */
class Stage implements Surroundings {
  readonly asked: { address: string; lastEvent: string | null }[] = [];
  readonly waits: number[] = [];
  answers: (() => Response | Promise<Response>)[] = [];
  #pending: (() => void)[] = [];
  time = 1000;

  fetch(address: string, options: RequestInit): Promise<Response> {
    this.asked.push({ address, lastEvent: new Headers(options.headers).get("last-event-id") });
    const answer = this.answers.shift();
    return answer === undefined
      ? Promise.reject(new TypeError("network"))
      : Promise.resolve(answer());
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return 1;
  }

  after(milliseconds: number, then: () => void): () => void {
    this.waits.push(milliseconds);
    this.#pending.push(then);
    return () => {
      this.#pending = this.#pending.filter((one) => one !== then);
    };
  }

  /** Everything that waits happens now. */
  pass(): void {
    const due = this.#pending;
    this.#pending = [];
    for (const then of due) then();
  }
}

function stream(...pieces: string[]): Response {
  return new Response(pieces.join(""), { headers: { "content-type": "text/event-stream" } });
}

function connect(stage: Stage, lastEvent = "") {
  const events: ServerEvent[] = [];
  const states: LiveState[] = [];
  const connection = new LiveConnection(
    "/api/v1/events",
    { onEvent: (event) => events.push(event), onState: (state) => states.push(state) },
    lastEvent,
    stage,
  );
  connection.open();
  return { connection, events, states };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

describe("LiveConnection", () => {
  it("comes back with the last event that it saw", async () => {
    const stage = new Stage();
    stage.answers = [
      () => stream("id: 1\ndata: a\n\n", "id: 2\ndata: b\n\n"),
      () => stream("id: 3\ndata: c\n\n"),
    ];
    const { connection, events, states } = connect(stage);
    await settled();
    expect(states.at(-1)).toEqual({ kind: "lost", since: 1000 });
    stage.pass();
    await settled();
    connection.close();
    expect(events.map((event) => event.data)).toEqual(["a", "b", "c"]);
    expect(stage.asked.map((one) => one.lastEvent)).toEqual([null, "2"]);
  });

  it("says since when it is lost, not since the last attempt", async () => {
    const stage = new Stage();
    const { connection, states } = connect(stage);
    await settled();
    stage.time = 9000;
    stage.pass();
    await settled();
    connection.close();
    expect(states).toEqual([
      { kind: "connecting" },
      { kind: "lost", since: 1000 },
      { kind: "lost", since: 1000 },
    ]);
  });

  it("does not ask again once it is refused", async () => {
    const stage = new Stage();
    stage.answers = [() => new Response("", { status: 401 })];
    const { states } = connect(stage);
    await settled();
    stage.pass();
    await settled();
    expect(states.at(-1)).toEqual({ kind: "refused", status: 401 });
    expect(stage.asked).toHaveLength(1);
  });

  it("waits as long as a busy server asks", async () => {
    const stage = new Stage();
    stage.answers = [() => new Response("", { status: 429, headers: { "retry-after": "7" } })];
    const { connection } = connect(stage);
    await settled();
    connection.close();
    expect(stage.waits).toEqual([7000]);
  });

  it("begins after an event that the page has already", async () => {
    const stage = new Stage();
    const { connection } = connect(stage, "41");
    await settled();
    connection.close();
    expect(stage.asked).toEqual([{ address: "/api/v1/events", lastEvent: "41" }]);
  });

  it("asks no more once it is closed", async () => {
    const stage = new Stage();
    const { connection } = connect(stage);
    await settled();
    connection.close();
    stage.pass();
    await settled();
    expect(stage.asked).toHaveLength(1);
  });
});

describe("waitBefore", () => {
  it("grows, and has an end", () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((failures) => waitBefore(failures, 1))).toEqual([
      500, 1000, 2000, 4000, 8000, 10000, 10000,
    ]);
  });

  it("is spread, so that many pages do not come back at the same moment", () => {
    expect(waitBefore(3, 0)).toBe(1000);
  });
});
