import { describe, expect, it } from "vitest";

import { EventParser } from "./parser";

describe("EventParser", () => {
  it("reads events with id and type", () => {
    const parser = new EventParser();
    expect(parser.feed('id: 7\nevent: step\ndata: {"a":1}\n\n')).toEqual([
      { id: "7", type: "step", data: '{"a":1}' },
    ]);
  });

  it("reads the same, cut at every place", () => {
    const text = "id: 7\r\nevent: step\r\ndata: one\r\ndata: two\r\n\r\nid: 8\r\ndata: x\r\n\r\n";
    for (let cut = 0; cut <= text.length; cut += 1) {
      const parser = new EventParser();
      const events = [...parser.feed(text.slice(0, cut)), ...parser.feed(text.slice(cut))];
      // A carriage return at the very end may still become half of a line's end.
      events.push(...parser.feed("\n"));
      expect(events).toEqual([
        { id: "7", type: "step", data: "one\ntwo" },
        { id: "8", type: "message", data: "x" },
      ]);
    }
  });

  it("passes over comments, which keep the connection alive", () => {
    const parser = new EventParser();
    expect(parser.feed(": still here\n\n: still here\n\n")).toEqual([]);
  });

  it("keeps the id of an event without data", () => {
    const parser = new EventParser();
    expect(parser.feed("id: 12\n\n")).toEqual([]);
    expect(parser.id).toBe("12");
  });

  it("takes a wait that the server asks for, and no nonsense", () => {
    const parser = new EventParser();
    parser.feed("retry: 2500\n\nretry: soon\n\n");
    expect(parser.retry).toBe(2500);
  });

  it("keeps what comes after the first colon", () => {
    const parser = new EventParser();
    expect(parser.feed("data:a: b\n\n")[0]?.data).toBe("a: b");
  });
});
