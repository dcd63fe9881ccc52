import { describe, expect, it } from "vitest";

import { contentRange, joined, MOST, type Part, size, textOf } from "./output";

const encoder = new TextEncoder();
const part = (start: number, text: string, total: number): Part => ({
  start,
  bytes: encoder.encode(text),
  total,
});

describe("contentRange", () => {
  it("reads where a part begins and how much there is", () => {
    expect(contentRange("bytes 100-199/1073741824")).toEqual({ start: 100, total: 1073741824 });
  });

  it.each([null, "", "bytes */100", "bytes 1-2/*"])("refuses %j", (header) => {
    expect(contentRange(header)).toBeNull();
  });
});

describe("joined", () => {
  it("puts what was written since behind", () => {
    expect(textOf(joined(part(0, "abc", 3), part(3, "def", 6)))).toBe("abcdef");
  });

  it("puts what is earlier in front", () => {
    const both = joined(part(3, "def", 6), part(0, "abc", 6));
    expect([both.start, textOf(both), both.total]).toEqual([0, "abcdef", 6]);
  });

  it("does not show twice what overlaps", () => {
    expect(textOf(joined(part(0, "abcd", 4), part(2, "cdef", 6)))).toBe("abcdef");
  });

  it("leaves no hole: what does not touch counts alone", () => {
    expect(joined(part(0, "abc", 3), part(9, "x", 10))).toEqual(part(9, "x", 10));
  });

  it("keeps the end of what grows, and the beginning of what is looked back at", () => {
    const large = { start: 10, bytes: new Uint8Array(MOST), total: MOST + 20 };
    expect(joined(large, part(MOST + 10, "0123456789", MOST + 20)).start).toBe(20);
    expect(joined(large, part(0, "0123456789", MOST + 20)).start).toBe(0);
  });
});

describe("textOf", () => {
  it("leaves out what only terminals understand", () => {
    expect(textOf(part(0, "\x1b[1;31mred\x1b[0m \x1b]0;title\x07plain", 30))).toBe("red plain");
  });

  it("shows the last of a line that was written over", () => {
    expect(textOf(part(0, "10 %\r50 %\r100 %\ndone\r\n", 30))).toBe("100 %\ndone\n");
  });

  it("does not show the rest of a character that was cut", () => {
    const bytes = encoder.encode("é!").slice(1);
    expect(textOf({ start: 5, bytes, total: 7 })).toBe("!");
  });

  it("keeps markup as text", () => {
    expect(textOf(part(0, "<script>alert(1)</script>", 25))).toBe("<script>alert(1)</script>");
  });
});

describe("size", () => {
  it.each([
    [12, "12 bytes"],
    [2048, "2.0 KiB"],
    [5 << 20, "5.0 MiB"],
    [1 << 30, "1.0 GiB"],
  ])("of %d is %s", (bytes, said) => {
    expect(size(bytes)).toBe(said);
  });
});
