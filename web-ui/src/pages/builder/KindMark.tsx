const PATHS: Readonly<Record<string, string>> = {
  command: "M3 4l4 4-4 4M8.5 12H13",
  parallel: "M2 8h3M5 8V4h8M5 8v4h8M5 8h8",
  branch: "M3 8h10M10 5l3 3-3 3",
  conditional: "M8 2l6 6-6 6-6-6z",
  foreach: "M13 6A5.5 5.5 0 1 0 13.500 9M13.500 2.500V6H10",
  transaction: "M3 3h10v10H3zM6 8l1.500 1.500L10.500 6.500",
  playbook: "M4 2h8v12H4zM6.500 5h3M6.500 8h3",
  assert: "M3 8.500l3.500 3.500L13 4.500",
  set: "M3 6h10M3 10h10",
  approval:
    "M8 2.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5M3 13.500c.500-3 2.500-4 5-4s4.500 1 5 4",
  wait: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11M8 5v3.200l2 1.300",
};

/** The sign of a kind of step; its word stands beside it. */
export function KindMark({ kind }: { kind: string }) {
  return (
    <svg
      className="kind-mark"
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[kind] ?? "M3 8h10"} />
    </svg>
  );
}
