/** A bar; that it is full is said, not only shown. */
export function Meter({ used, of }: { used: number; of: number }) {
  const full = used >= of;
  const share = Math.min(100, (used / Math.max(of, 1)) * 100);
  return (
    <div className="metered">
      <svg
        className={full ? "meter full" : "meter"}
        viewBox="0 0 100 8"
        aria-hidden="true"
        preserveAspectRatio="none"
      >
        <rect width={share} height="8" />
      </svg>
      {full ? <span data-tone="attention">full</span> : null}
    </div>
  );
}
