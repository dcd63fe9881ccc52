/** The console's sign: one way in, two ways on. */
export function Mark() {
  return (
    <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true" fill="none">
      <rect width="16" height="16" rx="3.5" fill="var(--accent)" />
      <path
        d="M4 4.2v7.6M4 6h3.2c1.6 0 1.6 4 3.2 4H12M4 6h8"
        stroke="var(--accent-text)"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    </svg>
  );
}
